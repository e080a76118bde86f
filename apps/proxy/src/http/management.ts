import type { RequestListener } from 'node:http';
import type { RequestHandler } from './server.js';

const PATHS: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics']);

/** Serves the management paths beside all others: as in 1.0.1, they share the main port. */
export function withManagement(handle: RequestHandler, management: RequestListener): RequestHandler {
  return (request, response, method, expectsContinue) => {
    const url = request.url ?? '';
    const queryAt = url.indexOf('?');
    if ((method === 'GET' || method === 'HEAD') && PATHS.has(queryAt < 0 ? url : url.slice(0, queryAt))) {
      management(request, response);
      return null;
    }
    return handle(request, response, method, expectsContinue);
  };
}
