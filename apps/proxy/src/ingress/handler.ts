import type { RequestHandler } from '../http/server.js';
import { RequestWay } from './request-way.js';
import type { RequestWayDeps } from './request-way-deps.js';

/**
 * Takes requests in: each goes a way of its own.
 *
 * @example
 * const handle = createHandler(deps);
 * server.on('request', (request, response) => handle(request, response, request.method ?? 'GET', false));
 */
export function createHandler(deps: RequestWayDeps): RequestHandler {
  return (request, response, method, expectsContinue) => {
    const way = new RequestWay(deps, request, response, method, expectsContinue);
    way.begin();
    return way;
  };
}
