import type { LaunchAttempt } from './launchRecord.js';

/** Enough for the stack trace of a crashed Node process with the error above it. */
const maxLines = 20;
const maxOutputChars = 2048;

/**
 * Fabric's text of a failed launch on the first line, and behind it why: how long each step took, where it stood,
 * and the last lines that the chaincode or its build printed. A client that looks for Fabric's text finds it
 * as the beginning.
 */
export function failureText(fabricText: string, attempt: LaunchAttempt): string {
  const parts = [fabricText, `  steps: ${timeline(attempt)}`];
  const output = lastOutput(attempt, fabricText);
  if (output.length > 0) parts.push('  last output:', ...output.map((line) => `  | ${line}`));
  return parts.join('\n');
}

function timeline(attempt: LaunchAttempt): string {
  const reached = Object.entries(attempt.record().steps).map(([step, ms]) => `${step} ${ms.toFixed(0)} ms`);
  const { step, sinceBeginMs } = attempt.underWay();
  return [...reached, `failed before ${step} at ${sinceBeginMs.toFixed(0)} ms`].join(', ');
}

/** The newest lines within the limits, oldest first; those that the text has already are left out. */
function lastOutput(attempt: LaunchAttempt, fabricText: string): string[] {
  const chosen: string[] = [];
  let room = maxOutputChars;
  for (const line of attempt.lines(maxLines).reverse()) {
    if (line.trim() === '' || fabricText.includes(line)) continue;
    if (room <= 0) break;
    chosen.push(line.length > room ? `${line.slice(0, room)}…` : line);
    room -= line.length;
  }
  return chosen.reverse();
}
