// Prints the closing line `N passed, N failed` of a vitest JSON report, and fails when a test failed or was skipped.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const skipped = report.numPendingTests + report.numTodoTests;
const tail = skipped > 0 ? `, ${skipped} skipped` : '';
if (skipped > 0) {
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status !== 'passed' && test.status !== 'failed') console.log(`skipped: ${test.fullName}`);
    }
  }
}
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed${tail}`);
process.exit(report.numFailedTests > 0 || report.numPassedTests === 0 || skipped > 0 ? 1 : 0);
