// count-tests.mjs REPORT STATUS NAME FAILURES: prints "passed failed" of a report of vitest, and adds to the file
// FAILURES each failed test with its time and the first lines of why.
import { appendFileSync, readFileSync } from 'node:fs';

const [path, status, name, failures] = process.argv.slice(2);
const head = (text) =>
  text
    .split('\n')
    .slice(0, 12)
    .map((line) => `    ${line}`)
    .join('\n');

let report;
try {
  report = JSON.parse(readFileSync(path, 'utf8'));
} catch {
  report = undefined;
}
const files = report?.testResults ?? [];
const failed = files.flatMap((file) => {
  const tests = file.assertionResults.filter((test) => test.status === 'failed');
  // A file that could not be loaded has no failed test of its own.
  if (tests.length === 0 && file.status === 'failed') return [`${file.name}\n${head(file.message)}`];
  return tests.map(
    ({ fullName, duration, failureMessages }) =>
      `${file.name}: ${fullName} (${Math.round(duration ?? 0)} ms)\n${failureMessages.map(head).join('\n')}`,
  );
});
const passed = report?.numPassedTests ?? 0;
if (report === undefined) failed.push('it left no report');
else if (passed === 0) failed.push('no test passed');
else if (status !== '0' && failed.length === 0) failed.push(`it ended with ${status}, though no test failed`);
if (failed.length > 0) appendFileSync(failures, `FAILED: ${name}\n${failed.map((one) => `  ${one}\n`).join('')}`);
console.log(`${passed} ${failed.length}`);
