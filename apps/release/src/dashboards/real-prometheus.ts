import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@kafka-http-proxy/testkit';
import { ensurePrograms } from '../machine/debian.js';

/** A series of an answer: the value of a gauge at one moment. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since 1970, and the value as Prometheus writes it. */
  readonly value: readonly [time: number, value: string];
}

/** A Prometheus that runs. */
export interface RealPrometheus {
  /** The series of a query, as of now. @throws Error with what Prometheus said of it */
  query(expr: string): Promise<readonly Sample[]>;
  /** Labels of the exemplars of the series that a query names, of the last hour. */
  exemplars(expr: string): Promise<readonly Readonly<Record<string, string>>[]>;
  stop(): Promise<void>;
}

/**
 * Starts Debian's Prometheus, which keeps exemplars and scrapes each second.
 *
 * @param targets host and port of each scrape, by job
 * @throws Error with what it said, when it ends before it is ready
 */
export async function startPrometheus(targets: Readonly<Record<string, readonly string[]>>): Promise<RealPrometheus> {
  await ensurePrograms({ prometheus: 'prometheus' });
  const dir = await mkdtemp(join(tmpdir(), 'khp-prometheus-'));
  const scrape_configs = Object.entries(targets).map(([job_name, list]) => ({
    job_name,
    static_configs: [{ targets: list }],
  }));
  const config = join(dir, 'prometheus.yml');
  // JSON is YAML.
  await writeFile(config, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs }));
  const url = `127.0.0.1:${await freePort()}`;
  const storage = `--storage.tsdb.path=${join(dir, 'data')}`;
  const child = spawn(
    'prometheus',
    [`--config.file=${config}`, storage, `--web.listen-address=${url}`, '--enable-feature=exemplar-storage'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`prometheus ended with ${code} before it was ready:\n${said}`)));
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      if (said.includes('Server is ready to receive web requests')) resolve();
    });
  });
  const ask = async <T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> => {
    const response = await fetch(`http://${url}/api/v1/${path}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
    });
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(`${parameters.query}: ${answer.error}`);
    return answer.data;
  };
  return {
    query: async (query) => (await ask<{ result: readonly Sample[] }>('query', { query })).result,
    async exemplars(query) {
      const end = Date.now() / 1000;
      const series = await ask<{ exemplars: { labels: Record<string, string> }[] }[]>('query_exemplars', {
        query,
        start: String(end - 3600),
        end: String(end),
      });
      return series.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels));
    },
    async stop() {
      const exited = once(child, 'exit');
      if (child.kill()) await exited;
      await rm(dir, { recursive: true });
    },
  };
}
