/** A metric as an expression asks for it. */
export interface Selector {
  readonly metric: string;
  /** The names of its matchers. */
  readonly labels: readonly string[];
  /** As it is written: `up{job="x"}`. */
  readonly text: string;
}

/** What an expression takes from Prometheus. */
export interface Used {
  readonly selectors: readonly Selector[];
  /** Labels that results are grouped or matched by. */
  readonly grouping: readonly string[];
}

const tokens = /"(?:[^"\\]|\\.)*"|[0-9][0-9a-z.:]*|\$?[a-zA-Z_:][a-zA-Z0-9_:]*|[{}()]|\S/g;
const name = /^[a-zA-Z_:]/;
const beforeLabels = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const words = new Set(['and', 'or', 'unless', 'offset', 'bool', ...beforeLabels]);
const aggregations = new Set(['sum', 'min', 'max', 'avg', 'group', 'count']);

/** Finds the metrics and labels in PromQL that Prometheus has accepted; it is no parser of its own. */
export function usedBy(expr: string): Used {
  const parts = [...expr.matchAll(tokens)].map((match) => ({ text: match[0], at: match.index }));
  const selectors: Selector[] = [];
  const grouping: string[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    const next = parts[index + 1]?.text;
    if (!part || !name.test(part.text)) continue;
    if (beforeLabels.has(part.text)) {
      const end = closing(parts, index, ')');
      grouping.push(...names(parts.slice(index + 1, end)));
      index = end;
    } else if (next === '{') {
      const end = closing(parts, index, '}');
      const labels = names(parts.slice(index + 1, end));
      selectors.push({ metric: part.text, labels, text: expr.slice(part.at, (parts[end]?.at ?? 0) + 1) });
      index = end;
    } else if (next !== '(' && !words.has(part.text) && !aggregations.has(part.text)) {
      selectors.push({ metric: part.text, labels: [], text: part.text });
    }
  }
  return { selectors, grouping };
}

interface Part {
  readonly text: string;
  readonly at: number;
}

function closing(parts: readonly Part[], from: number, sign: string): number {
  const end = parts.findIndex(({ text }, index) => index > from && text === sign);
  if (end < 0) throw new Error(`no ${sign} behind ${parts[from]?.text ?? ''}`);
  return end;
}

function names(parts: readonly Part[]): string[] {
  return parts.map(({ text }) => text).filter((text) => name.test(text));
}
