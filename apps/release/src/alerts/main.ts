// main.js [name...]: makes each fault, or those named, on an embedded broker and writes what Prometheus would have seen
// to recorded/<name>.json. A fault takes 70 s; the alerts that a recording has to have fire are those of faults.ts.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writtenJson } from '../documents/json.js';
import { FAULTS } from './faults.js';
import { record } from './record.js';
import { RECORDED } from './recording.js';

const words = process.argv.slice(2);
const unknown = words.find((word) => FAULTS[word] === undefined);
if (unknown !== undefined)
  throw new Error(`${unknown} is no fault; expected some of ${Object.keys(FAULTS).join(', ')}`);

for (const [name, fault] of Object.entries(FAULTS)) {
  if (words.length > 0 && !words.includes(name)) continue;
  const recording = await record(name, fault);
  writeFileSync(join(RECORDED, `${name}.json`), `${writtenJson(recording)}\n`);
  console.log(`${name} was recorded: ${Object.keys(recording.series).length} series`);
}
