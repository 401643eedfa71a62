import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type MetricsServer, serveMetrics } from '../../src/report/live/metrics-server.ts';

const open: MetricsServer[] = [];

async function serve(render: () => string, port = 0): Promise<MetricsServer> {
  const server = await serveMetrics('127.0.0.1', port, render);
  open.push(server);
  return server;
}

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

describe('metrics endpoint', () => {
  it('renders anew for each scrape, as the text format', async () => {
    let scrapes = 0;
    const { url } = await serve(() => `shardstorm_x ${++scrapes}\n`);
    const first = await fetch(url);
    expect(first.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await first.text()).toBe('shardstorm_x 1\n');
    expect(await (await fetch(url)).text()).toBe('shardstorm_x 2\n');
    expect(await (await fetch(url, { method: 'HEAD' })).text()).toBe('');
  });

  it('answers nothing else', async () => {
    const { url } = await serve(() => 'x 1\n');
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(405);
    const elsewhere = await fetch(new URL('/', url));
    expect(elsewhere.status).toBe(404);
    expect(await elsewhere.text()).toContain('/metrics');
  });

  it('refuses a port that is in use', async () => {
    const { url } = await serve(() => '');
    await expect(serve(() => '', Number(new URL(url).port))).rejects.toThrow('EADDRINUSE');
  });

  it('is gone after close, kept connections included', async () => {
    const server = await serve(() => 'x 1\n');
    await (await fetch(server.url)).text();
    server.close();
    server.close();
    await expect(fetch(server.url)).rejects.toThrow();
    const port = Number(new URL(server.url).port);
    const again = createServer();
    await new Promise<void>((resolve, reject) => {
      again.once('error', reject);
      again.listen(port, '127.0.0.1', resolve);
    });
    again.close();
  });
});
