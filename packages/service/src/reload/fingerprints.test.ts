import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { changedSince, createFileLooks } from './fingerprints.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khp-looks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

describe('a look at files', () => {
  const at = (name: string) => join(folder, name);

  it('sees no change where nothing changed, whatever the date says', async () => {
    writeFileSync(at('a'), 'one');
    const looks = createFileLooks();
    const before = await looks.look([at('a')]);
    utimesSync(at('a'), new Date(), new Date());
    expect(await looks.look([at('a')])).toEqual(before);
  });

  it('sees a file that was replaced by another, as editors do', async () => {
    writeFileSync(at('a'), 'one');
    const looks = createFileLooks();
    const before = await looks.look([at('a')]);
    writeFileSync(at('a.new'), 'two');
    renameSync(at('a.new'), at('a'));
    expect(await looks.look([at('a')])).not.toEqual(before);
  });

  it('sees that the folder above it is another, as Kubernetes swaps it', async () => {
    for (const [version, text] of [
      ['1', 'one'],
      ['2', 'two'],
    ] as const) {
      mkdirSync(at(version));
      writeFileSync(join(folder, version, 'proxy.yaml'), text);
    }
    symlinkSync('1', at('..data'));
    symlinkSync('..data/proxy.yaml', at('proxy.yaml'));
    const looks = createFileLooks();
    const before = await looks.look([at('proxy.yaml')]);
    symlinkSync('2', at('..data_tmp'));
    renameSync(at('..data_tmp'), at('..data'));
    expect(await looks.look([at('proxy.yaml')])).not.toEqual(before);
  });

  it('sees two changes of the same length within one tick of the clock', async () => {
    const looks = createFileLooks();
    const seen = new Set<string | undefined>();
    for (const text of ['aaa', 'bbb', 'ccc']) {
      writeFileSync(at('a'), text);
      utimesSync(at('a'), 1, 1);
      seen.add((await looks.look([at('a')])).get(at('a')));
    }
    expect(seen.size).toBe(3);
  });

  it('knows a file that is not there by that, and a folder by what is in it', async () => {
    const looks = createFileLooks();
    expect((await looks.look([at('none')])).get(at('none'))).toBe('ENOENT');
    const before = await looks.look([folder]);
    writeFileSync(at('ca.pem'), 'one');
    expect(await looks.look([folder])).not.toEqual(before);
  });

  it('tells what changed since a moment', async () => {
    writeFileSync(at('a'), 'one');
    expect(await changedSince([at('a'), at('none')], Date.now())).toBe(true);
    expect(await changedSince([at('a'), at('none')], Date.now() + 60_000)).toBe(false);
  });
});
