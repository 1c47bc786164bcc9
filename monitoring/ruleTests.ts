import { runbookOf, type Alert, type AlertGroup, type AlertTest, type Fired } from './alert.js';

interface Expected {
  readonly exp_labels: Readonly<Record<string, string>>;
  readonly exp_annotations: Readonly<Record<string, string>>;
}

interface Test {
  readonly name: string;
  readonly interval: string;
  readonly input_series: AlertTest['given'];
  readonly alert_rule_test: readonly {
    readonly eval_time: string;
    readonly alertname: string;
    readonly exp_alerts: readonly Expected[];
  }[];
}

/** The file that `promtool test rules` reads: two tests of every alert. */
export function ruleTests(groups: readonly AlertGroup[], rulesFile: string): object {
  const alerts = groups.flatMap((group) => group.alerts);
  const tests = alerts.flatMap((alert): Test[] => [
    test(alert, 'fires', alert.fires, alert.fires.as),
    test(alert, 'does not fire', alert.quiet, []),
  ]);
  return { rule_files: [rulesFile], evaluation_interval: '1m', tests };
}

function test(alert: Alert, what: string, { given, atMinute }: AlertTest, fired: readonly Fired[]): Test {
  return {
    name: `${alert.name} ${what}`,
    interval: '1m',
    input_series: given,
    alert_rule_test: [
      {
        eval_time: `${atMinute}m`,
        alertname: alert.name,
        exp_alerts: fired.map(({ labels, summary, description }) => ({
          exp_labels: { severity: alert.severity, ...labels },
          exp_annotations: { summary, description, runbook: runbookOf(alert) },
        })),
      },
    ],
  };
}
