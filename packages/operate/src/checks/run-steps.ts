import type { CheckLine, CheckStep, Finding } from './step.js';

/** How checks are run. */
export interface RunOptions {
  /** Which are run at all: all when left out. */
  readonly selected?: (id: string) => boolean;
  /** What is found when a look throws; null: it is thrown. */
  readonly failed: (error: unknown) => Finding | null;
}

/**
 * Runs checks in their order, each of which may need others: where one of them failed, it is skipped and says so. What
 * was not selected keeps nobody back.
 *
 * @throws what a look throws that `failed` does not know
 * @example
 * for await (const line of runSteps(steps, { failed: () => null })) console.log(line.state, line.id, line.what);
 */
export async function* runSteps(steps: readonly CheckStep[], options: RunOptions): AsyncGenerator<CheckLine> {
  const { selected = () => true, failed } = options;
  /** Those that failed or could not look, with what was the reason in the first place. */
  const broken: { readonly id: string; readonly scope: string | undefined; readonly root: string }[] = [];
  for (const step of steps) {
    const { id, scope, needs } = step;
    if (!selected(id)) continue;
    const inWay = broken.find((other) => needs.includes(other.id) && (other.scope === scope || !other.scope || !scope));
    if (inWay !== undefined) {
      broken.push({ id, scope, root: inWay.root });
      yield { id, state: 'skip', what: `${scope ? `${scope}: ` : ''}not looked at, since ${inWay.root} failed` };
      continue;
    }
    const findings = await looked(step, failed);
    if (findings.some(({ state, blocks }) => state === 'FAIL' && blocks !== false))
      broken.push({ id, scope, root: id });
    for (const finding of findings) yield { ...finding, id, what: scope ? `${scope}: ${finding.what}` : finding.what };
  }
}

async function looked(step: CheckStep, failed: RunOptions['failed']): Promise<readonly Finding[]> {
  try {
    return await step.look();
  } catch (error) {
    const finding = failed(error);
    if (finding === null) throw error;
    return [finding];
  }
}
