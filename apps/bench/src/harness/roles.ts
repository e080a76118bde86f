/*
 * What a worker can be. Each module exports `role`, which takes the job and gives what can be called.
 * They are loaded by name, so that a worker holds nothing that is not its own.
 */
export const roles = {
  backend: () => import('../backend/backend.js'),
  'embedded-broker': () => import('./embedded-broker.js'),
  'record-writer': () => import('../floor/record-writer.js'),
  'record-reader': () => import('../floor/record-reader.js'),
  'http-to-kafka': () => import('../floor/http-to-kafka.js'),
  'kafka-to-http': () => import('../floor/kafka-to-http.js'),
  'forwarding-proxy': () => import('../floor/forwarding-proxy.js'),
  'forwarding-processor': () => import('../floor/forwarding-processor.js'),
  'trace-sink': () => import('../backend/trace-sink.js'),
  ping: () => import('../floor/ping.js'),
  echo: () => import('../floor/echo.js'),
  'backlog-writer': () => import('../load/backlog-writer.js'),
  'body-client': () => import('../load/body-client.js'),
  'closed-client': () => import('../load/closed-client.js'),
  'event-client': () => import('../load/event-client.js'),
  'numbered-client': () => import('../load/numbered-client.js'),
  'slow-reader': () => import('../load/slow-reader.js'),
  'steady-client': () => import('../load/steady-client.js'),
};

export type RoleName = keyof typeof roles;
type Role<R extends RoleName> = Awaited<ReturnType<(typeof roles)[R]>>['role'];
export type Job<R extends RoleName> = Parameters<Role<R>>[0];
export type RoleApi<R extends RoleName> = Awaited<ReturnType<Role<R>>>;
