// All checks of deployment; run by scripts/deploy/check, which installs what they need.
import { checkCharts } from './charts.mjs';
import { checkCompose } from './compose.mjs';
import { checkGuide } from './guide.mjs';
import { createReport, createValidator } from './lib.mjs';
import { checkUmbrella } from './umbrella.mjs';

const report = createReport();
const validator = createValidator();
try {
  await checkCompose(report, validator);
  await checkCharts(report, validator);
  await checkUmbrella(report, validator);
  await checkGuide(report, validator);
} finally {
  validator.close();
}
process.exitCode = report.end() ? 0 : 1;
