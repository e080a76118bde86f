import { posix } from 'node:path';
import type { SourceFile } from './source-files.js';

/** By room, the rooms that it imports. A room is a folder below `src`, or a file that lies in `src` itself. */
export type Rooms = ReadonlyMap<string, ReadonlySet<string>>;

/** `apps/proxy/src/egress/answer.ts` is in `apps/proxy/src/egress`; `apps/proxy/src/start.ts` is a room of its own. */
function roomOf(path: string): string {
  const folder = posix.dirname(path);
  return folder.endsWith('/src') ? path : folder;
}

/** The rooms of all files that are built; those of tests are left out. */
export function roomsOf(files: readonly SourceFile[]): Rooms {
  const rooms = new Map<string, Set<string>>();
  for (const { path, isTest, imports, packages } of files) {
    if (isTest) continue;
    const room = roomOf(path);
    const below = rooms.get(room) ?? new Set();
    rooms.set(room, below);
    for (const other of [...imports.map(roomOf), ...packages.map((folder) => `${folder}/src/index.ts`)]) {
      if (other !== room) below.add(other);
    }
  }
  return rooms;
}

/** The circles among rooms: each a list of rooms that reach one another (Tarjan, 1972). */
export function circlesOf(rooms: Rooms): string[][] {
  const circles: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const visit = (room: string): void => {
    index.set(room, index.size);
    low.set(room, index.get(room) as number);
    open.push(room);
    for (const next of rooms.get(room) ?? []) {
      if (!index.has(next)) visit(next);
      if (open.includes(next)) low.set(room, Math.min(low.get(room) as number, low.get(next) as number));
    }
    if (low.get(room) !== index.get(room)) return;
    const circle = open.splice(open.indexOf(room));
    if (circle.length > 1) circles.push(sorted(circle));
  };
  for (const room of rooms.keys()) if (!index.has(room)) visit(room);
  return circles;
}

/**
 * The rooms by floor: each imports only rooms of lower floors, and one of the floor right below.
 *
 * @throws {RangeError} when there is a circle, which has no floors
 */
export function floorsOf(rooms: Rooms): string[][] {
  if (circlesOf(rooms).length > 0) throw new RangeError('rooms in a circle have no floors');
  const heights = new Map<string, number>();
  const height = (room: string): number => {
    const known = heights.get(room);
    if (known !== undefined) return known;
    const found = Math.max(-1, ...[...(rooms.get(room) ?? [])].map(height)) + 1;
    heights.set(room, found);
    return found;
  };
  const floors: string[][] = [];
  for (const room of rooms.keys()) {
    const at = height(room);
    floors[at] ??= [];
    floors[at].push(room);
  }
  return floors.map(sorted);
}

/** Names in the order of the alphabet. */
export function sorted(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => a.localeCompare(b));
}
