import { execFileSync } from 'node:child_process';
import { repositoryPath } from '../services/service-process.js';

/** Files that the repository has or is about to have: those that git ignores are left out. Paths from its root. */
export function repositoryFiles(...patterns: string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '-z', '--', ...patterns];
  return execFileSync('git', args, { cwd: repositoryPath('.'), encoding: 'utf8' })
    .split('\0')
    .filter(Boolean);
}
