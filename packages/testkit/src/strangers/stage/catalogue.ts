/** What is told of a check beside what it measures. */
export interface Entry {
  /** Of the list of points: 2(a). */
  readonly point: string;
  readonly tried: string;
  /** What it took on 2.0.0: as it was reported, or as this suite measured it there. */
  readonly before: string;
}

/** The inputs, in the order of the points. */
export const CATALOGUE = {
  '1-answers': {
    point: '1',
    tried: '1,000 records in another request topic that name a victim’s reply address, and ids as they are shown',
    before: 'all 1,000 were run and 40 of 40 victims got the forged answer',
  },
  '1-neighbour': {
    point: '1',
    tried: 'the same in a request topic that shares the victims’ response topic by configuration',
    before: '40 of 40 victims got the forged answer',
  },
  '1-direct': {
    point: '1',
    tried: '1,000 replies written straight to the victims’ response topic, with ids as they are shown',
    before: '40 of 40 victims got the forged answer',
  },
  '1-uploads': {
    point: '1',
    tried: 'three uploads of 1.5 MB claimed by records with "more" in other request topics, with their ids as shown',
    before: '3.6 of 4.5 MB of the uploads went to the wrong backend',
  },
  '1-claims': {
    point: '1',
    tried: 'the same uploads claimed by records straight in the response topic',
    before: 'none of the uploads got to its own backend whole',
  },
  '2a-one': {
    point: '2(a)',
    tried: '700 pipelined GETs of 900 KB on one connection, nothing read',
    before: 'RSS 89 → 698 MiB for good; in 512 MiB the proxy is killed',
  },
  '2a-many': {
    point: '2(a)',
    tried: 'the same on 40 connections',
    before: 'proxy and processor are killed',
  },
  '2b': {
    point: '2(b)',
    tried: '300 heads of 32,000 lines, Content-Length: 10, no body',
    before: 'the proxy out of heap, 96 of 97 requests of others not answered',
  },
  '2c-lines': {
    point: '2(c)',
    tried: '700 heads of 32,000 lines withdrawn after 150 ms while the slots are busy',
    before: 'the processor out of heap at 449 MiB, 7 of 428 requests of others answered',
  },
  '2c-allowed': {
    point: '2(c)',
    tried: '700 heads of 990 lines, 64 KB, withdrawn after 150 ms while the slots are busy',
    before: 'others got nothing in 5 s',
  },
  '2c-records': {
    point: '2(c)',
    tried: '240 records with khp of 880 KB and a deadline in 11 days; then the processor is started again',
    before: 'the processor is killed, and again after each restart',
  },
  '2d': {
    point: '2(d)',
    tried: '240 uploads of 900 KB that stall',
    before: 'no other body got in for body_timeout',
  },
  '2e-request': {
    point: '2(e)',
    tried:
      'a gzip batch of 400 KB with one record of 400 MB in a request topic; in no container: Kafka’s client unpacks it',
    before: '896 MiB, of which 869 stayed',
  },
  '2e-reply': {
    point: '2(e)',
    tried: 'the same in a response topic, in no container',
    before: '855 MiB, of which 842 stayed',
  },
  '3a-one': {
    point: '3(a)',
    tried: '10,050 pipelined GETs on one connection to a topic that nobody reads, X-Kafka-Timeout: 300',
    before: 'max_pending gone for 300 s, for all, also after the client hung up',
  },
  '3a-many': {
    point: '3(a)',
    tried: '400 connections with 32 of them each',
    before: 'the same: 0 of 100 answered, 503 overloaded',
  },
  '3b': {
    point: '3(b)',
    tried: '110 requests to a hanging target of one topic',
    before: 'another topic’s request took 28.8 s',
  },
  '3c-request': {
    point: '3(c)',
    tried: '100 requests refused with 400, each naming a new request topic',
    before: '403 for each new topic until a restart',
  },
  '3c-reply': {
    point: '3(c)',
    tried: 'the same with new reply topics',
    before: '403 for each new topic until a restart',
  },
  '3d': {
    point: '3(d)',
    tried: '260 uploads that stall in the middle, to a healthy backend',
    before: 'the breaker opened, all 260 got 504, others 503',
  },
  '3e': {
    point: '3(e)',
    tried: 'one GET with somebody’s topic as X-Kafka-Reply-Topic',
    before: 'a canary into it every 5 s, for ever',
  },
  '4-length': {
    point: '4',
    tried: 'a record with Content-Length: 5, more, and 40 bytes that are 5 and another request',
    before: 'the backend got both requests',
  },
  '4-connect': {
    point: '4',
    tried: 'a record with CONNECT',
    before: 'tried at the backend, whose client refused it',
  },
  '4-host': {
    point: '4',
    tried: 'a record with a malformed Host, where Host is preserved',
    before: 'the backend got it',
  },
  '4-reply': {
    point: '4',
    tried: 'a version 1 reply in a request topic',
    before: 'the backend got GET /',
  },
  'slow readers: 300': {
    point: 'windows',
    tried: '300 clients that ask for 8 MB and read nothing of it',
    before: 'RSS of the proxy 217 MiB, of the processor 437; others waited up to 2.9 s',
  },
  'slow readers: 900': {
    point: 'windows',
    tried: '900 of them',
    before: 'the processor is killed at 554 MiB; 68 of 261 of others not answered in 10 s',
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type CheckId = keyof typeof CATALOGUE;
