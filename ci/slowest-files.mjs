// slowest-files.mjs FOLDER: the ten test files that took longest, over all reports of vitest in a folder.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SHOWN = 10;

const folder = process.argv[2];
const took = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => {
    const { testResults } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    return testResults.map((file) => ({
      seconds: (file.endTime - file.startTime) / 1000,
      what: `${file.name.replace(/^.*?\/((packages|apps)\/)/, '$1')} (${name.replace(/-*\.json$/, '').replaceAll('-', ' ')})`,
    }));
  })
  .sort((one, other) => other.seconds - one.seconds);

console.log(`\nthe ${SHOWN} slowest files`);
for (const { seconds, what } of took.slice(0, SHOWN)) console.log(`${seconds.toFixed(1).padStart(7)} s  ${what}`);
