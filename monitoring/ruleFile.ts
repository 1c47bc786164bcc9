import { runbookOf, type Alert, type AlertGroup } from './alert.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The rule file that Prometheus reads; also the `spec` of a PrometheusRule. */
export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

export function ruleFile(groups: readonly AlertGroup[]): RuleFile {
  return { groups: groups.map(({ name, alerts }) => ({ name, rules: alerts.map(rule) })) };
}

function rule(alert: Alert): Rule {
  const { name, expr, severity, summary, description } = alert;
  return {
    alert: name,
    expr,
    ...(alert.for !== undefined && { for: alert.for }),
    labels: { severity },
    annotations: { summary, description, runbook: runbookOf(alert) },
  };
}
