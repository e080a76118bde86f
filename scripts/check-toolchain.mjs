// Runs before each `pnpm install`: says what will be compiled, and what is missing for it, in one line.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

/** Where the Kafka client's prebuilt binaries are released. */
const RELEASES = { host: 'github.com', port: 443 };
const REACH_TIMEOUT_MS = 3000;

if (!isBuilt() && !(await isReachable(RELEASES))) {
  const lacks = missingForTheBuild();
  if (lacks !== undefined) {
    console.error(`\nkafka-http-proxy: the Kafka client must be compiled here, and ${lacks}\n`);
    process.exit(1);
  }
  console.error(
    'kafka-http-proxy: no prebuilt Kafka client can be downloaded from here, so librdkafka is compiled: about 90 s on two cores, once (pnpm keeps the result).',
  );
}

function isBuilt() {
  const store = 'node_modules/.pnpm';
  if (!existsSync(store)) return false;
  return readdirSync(store)
    .filter((name) => name.startsWith('@confluentinc+kafka-javascript@'))
    .some((name) =>
      existsSync(
        join(store, name, 'node_modules/@confluentinc/kafka-javascript/build/Release/confluent-kafka-javascript.node'),
      ),
    );
}

function isReachable(address) {
  return new Promise((resolve) => {
    const socket = connect(address);
    const done = (reached) => {
      socket.destroy();
      resolve(reached);
    };
    socket.setTimeout(REACH_TIMEOUT_MS, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

/** A sentence, or undefined when all is there. */
function missingForTheBuild() {
  const tools = [
    ['c++', ['--version'], 'there is no C++ compiler: install g++ and make (Debian: apt-get install build-essential).'],
    ['make', ['--version'], 'there is no make: install it (Debian: apt-get install build-essential).'],
    [
      'python3',
      ['--version'],
      'there is no Python, which node-gyp needs: install it (Debian: apt-get install python3).',
    ],
  ];
  for (const [command, args, sentence] of tools) {
    if (spawnSync(command, args, { stdio: 'ignore' }).status !== 0) return sentence;
  }
  const headers = [
    ['openssl/ssl.h', 'the headers of OpenSSL are missing: install them (Debian: apt-get install libssl-dev).'],
    ['zlib.h', 'the headers of zlib are missing: install them (Debian: apt-get install zlib1g-dev).'],
  ];
  for (const [header, sentence] of headers) {
    const { status } = spawnSync('c++', ['-E', '-x', 'c++', '-'], { input: `#include <${header}>\n`, stdio: 'pipe' });
    if (status !== 0) return sentence;
  }
  return undefined;
}
