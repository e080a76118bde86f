import { expect, it, onTestFinished, vi } from 'vitest';
import type { AccessNeed, DeniedAccess } from '../port/access.js';
import { testSettings } from '../testing/settings.js';
import { mergeNeeds, watchLink } from './link-watch.js';

const needed: AccessNeed = { resource: 'topic', name: 'requests', operations: ['Write'] };
const wanted: AccessNeed = { resource: 'topic', name: 'replies', operations: ['Write'], optional: 'unused' };

function setUp() {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const lines: string[] = [];
  const kafka: { denies: DeniedAccess[] } = { denies: [] };
  const say = (level: string) => (sentence: string) => void lines.push(`${level} ${sentence}`);
  const watch = watchLink({
    settings: testSettings({ bootstrapServers: 'k:1', properties: {} }),
    needs: [needed, wanted],
    producer: () => ({ denied: () => Promise.resolve(kafka.denies) }),
    logger: { error: say('error'), warn: say('warn'), info: say('info') },
    signal: ending.signal,
  });
  return { watch, kafka, lines };
}

it('tells what keeps requests out from what does not', async () => {
  const { watch, kafka, lines } = setUp();
  kafka.denies = [needed, wanted];
  await watch.check();
  expect(watch.troubles()).toEqual(['Kafka denies Write on topic requests: an ACL is missing']);
  expect(watch.notes()).toEqual(['Kafka denies Write on topic replies: an ACL is missing']);
  expect(lines.map((line) => line.split(':')[0])).toEqual([
    'error Kafka denies Write on topic requests',
    'warn Kafka denies Write on topic replies',
  ]);
  kafka.denies = [];
  await watch.check();
  expect(lines.at(-1)).toBe('info Kafka allows Write on topic replies again');
});

it('can do without a topic until a record for it was refused', async () => {
  const { watch, kafka } = setUp();
  kafka.denies = [wanted];
  await watch.check();
  expect(watch.troubles()).toEqual([]);
  const refused = { code: 29, name: 'TOPIC_AUTHORIZATION_FAILED', message: 'denied', fatal: false, topic: 'replies' };
  watch.settings.events.error('producer', refused);
  await vi.waitFor(() => expect(watch.troubles()).toHaveLength(1));
});

it('fails on what is required, by name', async () => {
  const { watch, kafka } = setUp();
  kafka.denies = [needed];
  await expect(watch.require(new Set(['requests']))).rejects.toThrow('Kafka denies Write on topic requests');
  await expect(watch.require(new Set(['replies']))).resolves.toBeUndefined();
});

it('says why no broker can be used, and what was refused for good', () => {
  const { watch } = setUp();
  expect(watch.unreachable()).toBe('no broker of k:1 can be reached');
  watch.settings.events.log('producer', 3, 'FAIL [thrd:k:1/1]: k:1/1: Connection refused (after 1ms in state CONNECT)');
  expect(watch.unreachable()).toBe('no broker of k:1 can be reached: broker k:1: Connection refused');
  watch.refused('cannot work with Kafka: no such property');
  expect(watch.unreachable()).toBe('cannot work with Kafka: no such property');
});

it('asks for each resource once', () => {
  const read: AccessNeed = { resource: 'topic', name: 'replies', operations: ['Read', 'Write'] };
  expect(mergeNeeds([wanted, read, wanted])).toEqual([
    { resource: 'topic', name: 'replies', operations: ['Write', 'Read'], optional: false },
  ]);
});
