import { expect, it } from 'vitest';
import type { AccessNeed } from '../port/access.js';
import { deniedTopics, describeDenial, grantCommand } from './access.js';
import type { RdAdmin, RdDescribed } from './librdkafka.js';

const READ = 3;
const WRITE = 4;
const DESCRIBE = 8;

function broker(topics: RdDescribed[]): RdAdmin {
  return {
    listOffsets: () => undefined,
    deleteRecords: () => undefined,
    describeGroups: () => undefined,
    createTopic: () => undefined,
    describeTopics: (_names, _options, done) => done(null, topics),
  };
}

const both: AccessNeed = { resource: 'topic', name: 'replies', operations: ['Read', 'Write'] };
const group: AccessNeed = { resource: 'group', name: 'workers', operations: ['Read'] };

it('names what is missing of a topic that can be seen, and all of one that cannot', async () => {
  const seen = broker([{ name: 'replies', authorizedOperations: [DESCRIBE, READ] }]);
  expect(await deniedTopics(seen, [both], 1)).toEqual([{ ...both, operations: ['Write'] }]);
  expect(await deniedTopics(broker([{ name: 'replies', error: { code: 29 } }]), [both], 1)).toEqual([both]);
});

it('does not ask for groups', async () => {
  expect(await deniedTopics(broker([]), [group], 1)).toEqual([]);
});

it.each([
  ['everything allowed', { authorizedOperations: [READ, WRITE, DESCRIBE] }],
  ['All', { authorizedOperations: [2] }],
  ['a topic that does not exist', { error: { code: 3 } }],
  ['a broker that does not tell', {}],
  ['a broker that tells nothing', { authorizedOperations: [] }],
])('takes %s for no denial', async (_what, described) => {
  expect(await deniedTopics(broker([{ name: 'replies', ...described }]), [both], 1)).toEqual([]);
});

it('rejects when no broker answers', async () => {
  const away: RdAdmin = {
    ...broker([]),
    describeTopics: (_names, _options, done) => done({ code: -185, message: 'Local: Timed out' }, []),
  };
  await expect(deniedTopics(away, [both], 1)).rejects.toMatchObject({ code: -185 });
});

it('says what is denied, and what grants it', () => {
  expect(describeDenial(both)).toBe('Kafka denies Read and Write on topic replies: an ACL is missing');
  expect(grantCommand(both, 'proxy')).toBe(
    "kafka-acls --add --allow-principal 'User:proxy' --operation Read --operation Write --topic replies",
  );
  expect(grantCommand(group, null)).toContain("'User:<principal>' --operation Read --group workers");
});
