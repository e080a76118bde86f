import { execFileSync } from 'node:child_process';
import { repositoryPath } from '../services/service-process.js';

/** Files that the repository has or is about to have: those that git ignores are left out. Paths from its root, sorted. */
export function repositoryFiles(...patterns: string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '-z', '--', ...patterns];
  const listed = execFileSync('git', args, { cwd: repositoryPath('.'), encoding: 'utf8' }).split('\0');
  // git lists new files first.
  return listed.filter(Boolean).sort((a, b) => (a < b ? -1 : 1));
}
