import type { ProxyConfig, ReplyAddress, RouteConfig } from '@kafka-http-proxy/protocol';

/** What records can be compressed with. */
export type Compression = Exclude<ProxyConfig['compression'], 'none'>;

/** Where a request goes and how long its reply is waited for. */
export interface Destination {
  readonly requestTopic: string;
  readonly responseTopic: string;
  readonly timeoutMs: number;
  /** True where a header of the request named a topic that is not configured. */
  readonly named?: boolean;
  /** Path prefix of the configured route that it goes by; left out where it goes by none. */
  readonly route?: string | undefined;
  /** That route; left out where it goes by none. */
  readonly entry?: RouteConfig | undefined;
  /** True where a header of the request named the request topic, a configured one or not. */
  readonly byHeader?: boolean;
  /** Record key; null: none. */
  readonly key: Buffer | null;
  /** Compression of the records; left out: none. */
  readonly compression?: Compression;
}

/** Where replies to a response topic are to be sent. */
export interface ReplyAddresses {
  addressOf(topic: string): ReplyAddress | undefined;
  open(topic: string): Promise<ReplyAddress>;
  /** A topic that only a request named is kept until the returned function is called; undefined: it is kept anyway. */
  lease(topic: string): (() => void) | undefined;
}
