// Counts checks. In a pipe one line a check; on a terminal what runs at the moment besides.
const onTerminal = process.stderr.isTTY;
let passed = 0;
let failed = 0;

/** Runs a check. It fails by throwing, or by returning a complaint. */
export async function check(what, test) {
  doing(what);
  try {
    const complaint = await test();
    if (complaint) throw new Error(complaint);
    passed++;
    say(`ok      ${what}`);
  } catch (error) {
    failed++;
    say(`FAILED  ${what}: ${error.message}`);
  }
}

/** What takes a while; on a terminal only. */
export function doing(what) {
  if (onTerminal) process.stderr.write(`\r\x1b[K… ${what}`);
}

export function say(line) {
  if (onTerminal) process.stderr.write('\r\x1b[K');
  console.log(line);
}

/** Rows of equal keys, as columns. */
export function table(rows) {
  const columns = Object.keys(rows[0]);
  const width = (column) => Math.max(column.length, ...rows.map((row) => String(row[column]).length));
  const line = (cells) =>
    cells
      .map((cell, i) => String(cell).padEnd(width(columns[i])))
      .join('  ')
      .trimEnd();
  say('');
  say(line(columns));
  for (const row of rows) say(line(columns.map((column) => row[column])));
  say('');
}

/** The last line; the exit code is 1 when anything failed. */
export function conclude() {
  say(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
