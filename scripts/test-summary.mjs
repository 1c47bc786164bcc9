// Prints the closing line `N passed, N failed` over vitest JSON reports, and fails when a test failed or was skipped.
import { readFileSync } from 'node:fs';

const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const sum = (key) => reports.reduce((total, report) => total + report[key], 0);
const skipped = sum('numPendingTests') + sum('numTodoTests');
for (const test of reports.flatMap(({ testResults }) =>
  testResults.flatMap((file) => file.assertionResults),
)) {
  if (test.status !== 'passed' && test.status !== 'failed') console.log(`skipped: ${test.fullName}`);
}
const [passed, failed] = [sum('numPassedTests'), sum('numFailedTests')];
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 || skipped > 0 || reports.some(({ numPassedTests }) => numPassedTests === 0) ? 1 : 0);
