import { PROBLEM_CONTENT_TYPE } from '@kafka-http-proxy/protocol';
import express, { type ErrorRequestHandler, type Express, type Response } from 'express';
import type { Registry } from 'prom-client';
import { metricsPage } from '../metrics/open-metrics.js';

/** Whether requests should come here, and why not. */
export interface Readiness {
  readonly ready: boolean;
  /** A sentence each, empty when ready. */
  readonly reasons: readonly string[];
  /** What is wrong though requests can come here: a sentence each. */
  readonly notes?: readonly string[];
}

/** What the management server answers with. */
export interface ManagementOptions {
  readonly registry: Registry;
  readonly ready: () => Readiness;
  /** True where anybody may ask: /ready says whether, and not why. */
  readonly isPublic?: boolean;
  /** Adds routes, such as the processor's /status. */
  readonly extra?: (app: Express) => void;
  /** Hears the cause of a 500; the client does not. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The management plane: /health, /ready, /metrics. It listens nowhere by itself; see `listen`.
 *
 * @example
 * const app = createManagementApp({ registry, ready: () => ({ ready: true, reasons: [] }) });
 * const management = await listen(app, { host: '127.0.0.1', port: 9090 });
 */
export function createManagementApp(options: ManagementOptions): Express {
  const { registry, ready, isPublic = false, extra, onError } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);

  app.use((request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    response.setHeader('Allow', 'GET, HEAD');
    sendProblem(response, 405, 'Method Not Allowed', 'Only GET and HEAD are supported here.');
  });

  app.get('/health', (_request, response) => {
    // A process that answers is healthy, as in 1.0.1: what is wrong with it is said by /ready.
    response.json({ status: 'ok' });
  });
  app.get('/ready', (_request, response) => {
    const { ready: isReady, reasons, notes = [] } = ready();
    response.status(isReady ? 200 : 503);
    // Reasons name brokers, topics and the login.
    if (isPublic) {
      response.json({ status: isReady ? 'ready' : 'not_ready' });
      return;
    }
    response.json({
      ...(isReady ? { status: 'ready' } : { status: 'not_ready', reasons }),
      ...(notes.length > 0 && { notes }),
    });
  });
  app.get('/metrics', async (request, response) => {
    const { contentType, text } = await metricsPage(registry, request.headers.accept);
    response.setHeader('Vary', 'Accept');
    response.setHeader('Content-Type', contentType);
    response.end(text);
  });
  extra?.(app);

  app.use((_request, response) => {
    sendProblem(response, 404, 'Not Found', 'The management server has no such path.');
  });
  // Express knows an error handler by its four parameters.
  const failed: ErrorRequestHandler = (error: unknown, _request, response, next) => {
    onError?.(error);
    if (response.headersSent) return next(error);
    sendProblem(response, 500, 'Internal Server Error', 'The request to the management server failed.');
  };
  app.use(failed);
  return app;
}

function sendProblem(response: Response, status: number, title: string, detail: string): void {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail });
  response.status(status).setHeader('Content-Type', PROBLEM_CONTENT_TYPE);
  response.end(body);
}
