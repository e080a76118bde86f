/*
 * Prints the imports of the workspace as a graph of rooms (folders, and files that lie in `src` itself), floor by
 * floor: each arrow leads to a lower floor. With words, only rooms whose path holds one of them are printed; `--json`
 * prints all as data. Ends with 1 when rooms import each other in a circle, and names them.
 */
import { circlesOf, floorsOf, roomsOf, sorted } from './rooms.js';
import { readSourceFiles } from './source-files.js';

const words = process.argv.slice(2).filter((word) => word !== '--json');
const rooms = roomsOf(readSourceFiles());
const circles = circlesOf(rooms);
const short = (room: string): string => room.replace(/^(packages|apps)\//, '').replace('/src', '');

if (process.argv.includes('--json')) {
  const graph = [...rooms].map(([room, imports]) => ({ room, imports: sorted(imports) }));
  console.log(JSON.stringify({ rooms: graph, circles }, null, 2));
} else if (circles.length === 0) {
  for (const [at, floor] of [...floorsOf(rooms).entries()].reverse()) {
    const shown = floor.filter((room) => words.length === 0 || words.some((word) => room.includes(word)));
    if (shown.length === 0) continue;
    console.log(`floor ${at}`);
    for (const room of shown) {
      const below = sorted(rooms.get(room) ?? []).map(short);
      console.log(`  ${short(room)}${below.length > 0 ? ` -> ${below.join(', ')}` : ''}`);
    }
  }
}
for (const circle of circles) console.error(`these rooms import each other: ${circle.map(short).join(', ')}`);
if (circles.length > 0) process.exitCode = 1;
