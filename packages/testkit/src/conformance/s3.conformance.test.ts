import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { mustRun, type OtherServer, startServer } from '../machine/program.js';
import { type Bridge, startBridge } from '../services/bridge.js';

/*
 * boto3 against moto's S3: parts go up at the same time, each with Expect: 100-continue, and ranges of
 * the object come down at the same time.
 */

const PACKAGES = ['boto3==1.44.5', 'moto[s3]==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'];

/** Prints what it saw, as JSON. */
const CLIENT = `
import boto3, hashlib, io, json, os, sys, time
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

url, bucket = sys.argv[1:]
s3 = boto3.client('s3', endpoint_url=url, region_name='us-east-1', aws_access_key_id='a', aws_secret_access_key='b',
    config=Config(retries={'total_max_attempts': 1}, s3={'addressing_style': 'path'}))
sent = []
s3.meta.events.register('before-send.s3', lambda request, **kwargs: sent.append(request.headers.get('Expect')))
sha256 = lambda body: hashlib.sha256(body).hexdigest()
s3.create_bucket(Bucket=bucket)

eight = 8 * 1024 * 1024
transfer = TransferConfig(multipart_threshold=eight, multipart_chunksize=eight, max_concurrency=8)
body = os.urandom(8 * eight)
started = time.monotonic()
s3.upload_fileobj(io.BytesIO(body), bucket, 'parts', Config=transfer)
uploaded = time.monotonic()
back = io.BytesIO()
s3.download_fileobj(bucket, 'parts', back, Config=transfer)
downloaded = time.monotonic()
whole = s3.get_object(Bucket=bucket, Key='parts')['Body'].read()

sent.clear()
small = os.urandom(3_000_000)
s3.put_object(Bucket=bucket, Key='one', Body=io.BytesIO(small))
expects = [str(value, 'ascii') for value in sent]

print(json.dumps({
    'sent': sha256(body), 'ranges': sha256(back.getvalue()), 'whole': sha256(whole),
    'etag': s3.head_object(Bucket=bucket, Key='parts')['ETag'], 'expects': expects,
    'put': sha256(small), 'got': sha256(s3.get_object(Bucket=bucket, Key='one')['Body'].read()),
    'times': f'up {uploaded - started:.1f} s, down {downloaded - uploaded:.1f} s',
}))
`;

interface Seen {
  readonly sent: string;
  readonly ranges: string;
  readonly whole: string;
  readonly etag: string;
  readonly expects: readonly string[];
  readonly put: string;
  readonly got: string;
  readonly times: string;
}

let dir: string;
let moto: OtherServer;
let bridge: Bridge;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'khp-s3-'));
  await mustRun('python3', ['-m', 'venv', join(dir, 'venv')]);
  await mustRun(join(dir, 'venv/bin/pip'), ['install', '--quiet', '--no-compile', ...PACKAGES]);
  await writeFile(join(dir, 'client.py'), CLIENT);
  const args = ['-H', '127.0.0.1', '-p', '0'];
  moto = await startServer(join(dir, 'venv/bin/moto_server'), args, /Running on http:\/\/127\.0\.0\.1:(\d+)/);
  bridge = await startBridge({ broker: inject('broker'), backendUrl: moto.url });
}, 180_000);

afterAll(async () => {
  await bridge?.close();
  await moto?.stop();
  if (dir) await rm(dir, { recursive: true, force: true });
});

it.each([
  ['directly', () => moto.url],
  ['through the bridge', () => bridge.origin],
])('64 MiB go up in parts and come down in ranges and whole %s', async (how, origin) => {
  const args = [join(dir, 'client.py'), origin(), how.replaceAll(' ', '-')];
  const output = await mustRun(join(dir, 'venv/bin/python'), args, { env: { PYTHONWARNINGS: 'ignore' } });
  const seen = JSON.parse(output) as Seen;
  process.stderr.write(`s3 ${how}: ${seen.times}\n`);
  expect(seen.ranges).toBe(seen.sent);
  expect(seen.whole).toBe(seen.sent);
  // As S3 marks what came in eight parts.
  expect(seen.etag).toMatch(/^"[0-9a-f]{32}-8"$/);
  expect(seen.expects).toEqual(['100-continue']);
  expect(seen.got).toBe(seen.put);
});
