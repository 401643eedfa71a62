/**
 * The simulator's own interface, beside the service's: health, audit, metrics, the status page, and faults at run time.
 * `GET` of it is answered on the service's port too; `/`, which belongs to the service there, to browsers only.
 */
import { toShardstormError } from '../../core/errors.ts';
import type { Simulator } from '../core/simulator.ts';
import type { BodyPool } from './body-pool.ts';
import { type Request, type Response, readBody, respond } from './exchange.ts';
import { parseFault } from './fault-input.ts';
import { prometheusMetrics } from './metrics.ts';
import { STATUS_PAGE } from './status-page.ts';

const JSON_TYPE = 'application/json';
const ROUTES_TEXT =
  'GET / (status page), /_health, /_audit, /_faults, /metrics; POST /_faults, /_reset; DELETE /_faults';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Handles every request of the control port. */
export function controlHandler(
  simulator: Simulator,
  pool: BodyPool,
): (request: Request, response: Response) => void {
  return (request, response) => {
    readBody(request, pool, (body) => {
      const path = pathOf(request);
      const answer =
        request.method === 'GET'
          ? (readRoute(simulator, path) ?? unknownRoute())
          : changeRoute(simulator, `${request.method} ${path}`, body ?? new Uint8Array(0));
      send(response, answer);
    });
  };
}

/** Answers a request of the service's port that is for the simulator itself; false when it is not. */
export function answerControl(simulator: Simulator, request: Request, response: Response): boolean {
  const path = pathOf(request);
  if (request.method !== 'GET' || (path === '/' && !isBrowser(request))) return false;
  const answer = readRoute(simulator, path);
  if (answer === null) return false;
  request.resume();
  send(response, answer);
  return true;
}

/** Somebody who wants to see a page; no client of the service does. */
function isBrowser({ headers }: Request): boolean {
  return headers.accept?.includes('text/html') === true;
}

function pathOf(request: Request): string {
  return request.url?.split('?', 1)[0] ?? '/';
}

function readRoute(simulator: Simulator, path: string): Answer | null {
  switch (path) {
    case '/':
      return { status: 200, type: 'text/html; charset=utf-8', text: STATUS_PAGE };
    case '/_health':
      return json(200, { status: 'ok', streams: simulator.streams.size });
    case '/_audit':
      return json(200, simulator.audit());
    case '/_faults':
      return json(200, simulator.audit().faults);
    case '/metrics':
      return {
        status: 200,
        type: 'text/plain; version=0.0.4',
        text: prometheusMetrics(simulator.audit()),
      };
    default:
      return null;
  }
}

function changeRoute(simulator: Simulator, route: string, body: Uint8Array): Answer {
  try {
    switch (route) {
      case 'POST /_faults':
        simulator.addFault(parseFault(parseJson(body)));
        return json(201, simulator.audit().faults);
      case 'DELETE /_faults':
        simulator.clearFaults();
        return json(200, simulator.audit().faults);
      case 'POST /_reset':
        simulator.startAt(simulator.clock.nowUs());
        return json(200, { status: 'ok' });
      default:
        return unknownRoute();
    }
  } catch (thrown) {
    const { code, message, hint } = toShardstormError(thrown);
    return json(400, { code, message, hint });
  }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return null;
  }
}

function unknownRoute(): Answer {
  return json(404, { message: `there is nothing here; there is ${ROUTES_TEXT}` });
}

function json(status: number, value: unknown): Answer {
  return { status, type: JSON_TYPE, text: `${JSON.stringify(value)}\n` };
}

function send(response: Response, { status, type, text }: Answer): void {
  respond(
    response,
    status,
    { 'Content-Type': type, 'Cache-Control': 'no-store' },
    Buffer.from(text),
  );
}
