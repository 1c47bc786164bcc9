import { mkdirSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeCluster } from '../support/fakeCluster.js';
import { aLaunch, failedStatus, readyStatus } from '../support/launches.js';
import { PageOperator, startChromium, wantsChromium } from '../support/statusPage.js';
import { exampleLaunches, manyLaunches } from '../support/exampleLaunches.js';

/** Where the pictures go; those of the docs are taken from here. */
const pictures = resolve(import.meta.dirname, '../../.cache/status-page');

describe.runIf(wantsChromium())('the status page in Chromium', () => {
  const cluster = new FakeCluster();
  const operator = new PageOperator(cluster);
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    await cluster.start();
    await operator.start();
    browser = await startChromium();
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await operator.remove();
    await cluster.stop();
  });

  beforeEach(async () => {
    cluster.clear();
    await open();
  });

  afterEach(() => context.close());

  async function open(options: BrowserContextOptions = {}): Promise<void> {
    context = await browser.newContext({ viewport: { width: 1180, height: 720 }, ...options });
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  }

  const visit = (path: string) => page.goto(`${operator.url}${path}`);
  const link = () => page.locator('.link').textContent();
  const names = () => page.locator('.launches tbody a').allTextContents();

  it('shows the launches as a table, the failed first, without a complaint of the browser', async () => {
    cluster.put(
      aLaunch({ name: 'good', status: readyStatus }),
      aLaunch({
        name: 'bad',
        spec: { chaincode: { name: 'assets', version: '2', type: 'NODE' } },
        status: failedStatus,
      }),
    );
    await visit('/');
    await expect.poll(names).toEqual(['assets:2', 'kv:1.0']);
    const cells = await page.locator('.launches tbody tr').first().locator('td').allInnerTexts();
    expect(cells[0]).toBe('Failed');
    expect(cells[1]).toBe('assets:2\nfabric/bad');
    expect(cells[2]).toBe('peer0.org1\nOrg1MSP · mychannel');
    expect(cells[3]).toBe('2.0 s');
    expect(cells[7]).toBe('ContainerExited\ncontainer exited with 1');
    expect(await page.locator('.count').textContent()).toBe('2 launches');
    expect(await link()).toBe('Live');
    expect(complaints).toEqual([]);
  });

  it('shows what changes, comes and goes without being loaded again', async () => {
    cluster.put(aLaunch({ name: 'a', status: { ...readyStatus, phase: 'Starting', reason: 'Starting' } }));
    await visit('/');
    const phase = () => page.locator('tr[data-key="fabric/a"] .badge').textContent();
    await expect.poll(phase).toBe('Starting');
    await page.evaluate('globalThis.notReloaded = true');
    cluster.put(aLaunch({ name: 'a', status: readyStatus }));
    await expect.poll(phase).toBe('Ready');
    cluster.put(aLaunch({ name: 'b' }));
    await expect.poll(names).toHaveLength(2);
    cluster.remove('a');
    await expect.poll(() => page.locator('tr[data-key="fabric/a"]').count()).toBe(0);
    expect(await page.evaluate<boolean>('globalThis.notReloaded')).toBe(true);
  });

  it('counts ages up', async () => {
    const times = { begun: new Date(Date.now() - 5000).toISOString() };
    cluster.put(aLaunch({ status: { phase: 'Pending', reason: 'Pending', attempt: 1, times } }));
    await visit('/');
    const took = async (): Promise<number> =>
      Number.parseFloat((await page.locator('td[data-column="Took"]').textContent()) ?? '');
    await expect.poll(took).toBeGreaterThanOrEqual(5);
    const first = await took();
    await expect.poll(took, { timeout: 5000 }).toBeGreaterThan(first + 1);
  });

  it('filters by words and phases, and keeps that in the URL', async () => {
    cluster.put(...exampleLaunches());
    await visit('/');
    await expect.poll(names).toHaveLength(exampleLaunches().length);
    await page.getByRole('searchbox').fill('asset');
    await expect.poll(names).toEqual(['asset-transfer:2.0', 'asset-transfer:2.1']);
    await page.getByRole('button', { name: /^Ready/ }).click();
    await expect.poll(names).toEqual(['asset-transfer:2.1']);
    expect(page.url()).toBe(`${operator.url}/?q=asset&phase=Ready`);
    await page.reload();
    await expect.poll(names).toEqual(['asset-transfer:2.1']);
    expect(await page.getByRole('searchbox').inputValue()).toBe('asset');
    expect(await page.getByRole('button', { name: /^Ready/ }).getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('searchbox').fill('no such thing');
    await expect.poll(() => page.locator('.count').textContent()).toMatch(/^None of \d+ launches matches\.$/);
  });

  it('is used with the keyboard alone', async () => {
    cluster.put(aLaunch({ name: 'a', status: readyStatus }), aLaunch({ name: 'b', status: failedStatus }));
    await visit('/?sort=name');
    await expect.poll(names).toHaveLength(2);
    await page.getByRole('searchbox').focus();
    const focused = () => page.evaluate<string>(`document.activeElement?.textContent ?? ''`);
    for (let n = 0; n < 20 && !(await focused()).startsWith('kv'); n += 1) await page.keyboard.press('Tab');
    // A change of the line that has the focus must not take it away.
    cluster.put(aLaunch({ name: 'a', status: { ...readyStatus, phase: 'Stopped', reason: 'Suspended' } }));
    await expect.poll(() => page.locator('tr[data-key="fabric/a"] .badge').textContent()).toBe('Stopped');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toBe(`${operator.url}/launches/fabric/a`);
  });

  it('goes to the page of a launch and back to the filtered table', async () => {
    cluster.put(aLaunch({ name: 'a', status: readyStatus }), aLaunch({ name: 'b', status: failedStatus }));
    await visit('/?phase=Ready');
    await page.getByRole('link', { name: 'kv:1.0' }).click();
    await expect.poll(() => page.locator('h1').textContent()).toContain('kv:1.0');
    await page.getByRole('link', { name: '← All launches' }).click();
    await expect.poll(() => page.url()).toBe(`${operator.url}/?phase=Ready`);
  });

  it('shows the timeline of a launch that failed: bars, reason, exit and last lines', async () => {
    cluster.put(aLaunch({ name: 'bad', status: failedStatus }));
    await visit('/launches/fabric/bad');
    const bars = page.locator('.waterfall li');
    await expect
      .poll(() => bars.locator('b').allTextContents())
      .toEqual(['Pending', 'Scheduling', 'Starting', 'Registering']);
    expect(await bars.locator('.time').allTextContents()).toEqual([
      '100 ms',
      '100 ms',
      '1.3 s',
      '500 ms, failed here',
    ]);
    expect(await bars.last().getAttribute('data-state')).toBe('failed');
    expect(await page.locator('.total').textContent()).toBe(
      'Failed 2.0 s after the launch began, while Registering.',
    );
    const verdict = await page.locator('.verdict').innerText();
    expect(verdict).toContain('ContainerExited');
    expect(verdict).toContain('Exit code 1 (Error)');
    expect(await page.locator('.verdict pre').textContent()).toBe(
      'Error: cannot find module\n    at main.js:1',
    );
    expect(await page.locator('.commands code').first().textContent()).toBe(
      'chaincode-launcher launches explain bad -n fabric',
    );
    expect(complaints).toEqual([]);
  });

  it('draws each bar where the last one ended', async () => {
    cluster.put(aLaunch({ name: 'bad', status: failedStatus }));
    await visit('/launches/fabric/bad');
    await expect.poll(() => page.locator('.block').count()).toBe(4);
    const track = (await page.locator('.track').first().boundingBox())!;
    const boxes = await Promise.all(
      [2, 3].map(async (n) => (await page.locator('.block').nth(n).boundingBox())!),
    );
    const [starting, registering] = boxes as [(typeof boxes)[0], (typeof boxes)[0]];
    const right = (box: typeof starting): number => box.x + box.width;
    const whole = track.width;
    expect(starting.width / whole).toBeCloseTo(1.3 / 2, 2);
    expect(Math.abs(registering.x - right(starting))).toBeLessThan(1);
    expect((right(registering) - track.x) / whole).toBeCloseTo(1, 2);
  });

  it('lets the bar of a running phase grow, and goes on with the launch', async () => {
    const begun = Date.now();
    const time = (ms: number) => new Date(begun + ms).toISOString();
    const times = { begun: time(0), podCreated: time(50) };
    cluster.put(aLaunch({ name: 'a', status: { ...readyStatus, phase: 'Scheduling', times } }));
    await visit('/launches/fabric/a');
    const last = page.locator('.waterfall li').last();
    await expect.poll(() => last.locator('.time').textContent()).toMatch(/ so far$/);
    const first = await last.locator('.time').textContent();
    await expect.poll(() => last.locator('.time').textContent(), { timeout: 5000 }).not.toBe(first);
    cluster.put(
      aLaunch({
        name: 'a',
        status: {
          ...readyStatus,
          times: { ...times, scheduled: time(90), started: time(400), registered: time(700) },
        },
      }),
    );
    await expect.poll(() => last.locator('b').textContent()).toBe('Ready');
    expect(await page.locator('.total').textContent()).toBe('Registered 700 ms after the launch began.');
  });

  it('says of a launch that is not there that it is not, and shows it when it comes', async () => {
    const answer = await visit('/launches/fabric/later');
    expect(answer?.status()).toBe(404);
    await expect
      .poll(() => page.locator('article').textContent())
      .toContain('There is no launch fabric/later.');
    cluster.put(aLaunch({ name: 'later', status: readyStatus }));
    await expect.poll(() => page.locator('h1').textContent()).toContain('kv:1.0');
  });

  it('shows whatever names and texts hold as text', async () => {
    const evil = '<script>document.title="owned"</script><img src=x onerror=\'document.title="owned"\'>';
    cluster.put(
      aLaunch({
        name: 'evil',
        spec: {
          chaincode: { name: evil, version: '"><b>bold</b>', type: 'NODE' },
          peer: { id: evil, mspID: evil, address: 'x:1', channel: 'javascript:alert(1)' },
          source: { image: evil, shell: true },
        },
        status: {
          ...failedStatus,
          reason: evil,
          message: evil,
          pod: { name: evil, uid: 'x', node: evil },
          exit: { code: 1, reason: evil, lastLines: [evil] },
          conditions: [{ ...failedStatus.conditions![0]!, reason: evil, message: evil }],
        },
      }),
    );
    for (const path of ['/', '/launches/fabric/evil']) {
      await visit(path);
      await expect.poll(() => page.locator('main').textContent()).toContain(evil);
      expect(await page.locator('main script, main img, main b:text-is("bold")').count()).toBe(0);
      expect(await page.title()).not.toBe('owned');
    }
    expect(complaints).toEqual([]);
  });

  it('is stopped by its policy even if markup should slip through', async () => {
    await visit('/');
    await page.evaluate(`
      const element = document.createElement('div');
      element.innerHTML = '<img src="x" onerror="document.title = \\'owned\\'">';
      document.body.append(element);
    `);
    await expect.poll(() => complaints.join('\n')).toContain('Content Security Policy');
    expect(await page.title()).toBe('Chaincode launches');
  });

  it('says that the connection is lost, and goes on by itself when the operator is back', async () => {
    cluster.put(aLaunch({ name: 'a', status: readyStatus }));
    await visit('/');
    await expect.poll(link).toBe('Live');
    await operator.stop('SIGKILL');
    await expect.poll(link).toBe('Connection lost, trying again');
    expect(await names()).toEqual(['kv:1.0']);
    cluster.put(aLaunch({ name: 'b', status: failedStatus }));
    cluster.remove('a');
    await operator.start();
    await expect.poll(link, { timeout: 15_000 }).toBe('Live');
    await expect.poll(() => page.locator('.launches tbody small').first().textContent()).toBe('fabric/b');
    expect(await names()).toHaveLength(1);
  }, 60_000);

  it('says which replica answers, and that a standby is as fresh', async () => {
    await visit('/');
    await expect
      .poll(() => page.locator('footer').textContent())
      .toMatch(/, a standby: another replica leads\./);
    expect(await page.locator('.scope').textContent()).toBe('namespace fabric');
  });

  it('says when the operator itself gets no news', async () => {
    cluster.put(aLaunch({ name: 'a', status: readyStatus }));
    await visit('/');
    await expect.poll(names).toHaveLength(1);
    cluster.broken = true;
    cluster.cut();
    try {
      await expect
        .poll(() => page.locator('.warning').textContent(), { timeout: 25_000 })
        .toContain('what is shown may be old');
    } finally {
      cluster.broken = false;
    }
    await expect.poll(() => page.locator('.warning').isVisible(), { timeout: 60_000 }).toBe(false);
  }, 120_000);

  it('follows the writes of an operator that leads', async () => {
    const leading = new PageOperator(cluster);
    try {
      await leading.start('--lease-name', 'free');
      await page.goto(leading.url);
      await expect.poll(() => page.locator('footer').textContent()).toContain('the replica that leads');
      // After the first word of the watch nothing but the operator's own writes changes this launch.
      const timeouts = {
        buildSeconds: 9,
        scheduleSeconds: 2,
        startSeconds: 9,
        registerSeconds: 9,
        imagePullGraceSeconds: 9,
      };
      cluster.put(aLaunch({ name: 'a', spec: { timeouts } }));
      const phase = () => page.locator('tr[data-key="fabric/a"] .badge').textContent();
      await expect.poll(phase).toBe('Scheduling');
      await expect.poll(phase).toBe('Failed');
      expect(await page.locator('tr[data-key="fabric/a"] .reason').textContent()).toBe('Timeout');
    } finally {
      await leading.remove();
    }
  }, 60_000);

  it('lets go of the operator that ends: SIGTERM is enough, with the page open', async () => {
    const other = new PageOperator(cluster);
    await other.start();
    await page.goto(other.url);
    await expect.poll(link).toBe('Live');
    expect(await other.stop()).toBe(0);
    await other.remove();
  }, 30_000);

  it('works below the path of a proxy', async () => {
    cluster.put(aLaunch({ name: 'a', status: readyStatus }));
    const proxy = createServer((incoming, response) => {
      const path = (incoming.url ?? '').replace(/^\/api\/proxy/, '');
      request(`${operator.url}${path}`, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }).end();
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    try {
      const { port } = proxy.address() as AddressInfo;
      await page.goto(`http://127.0.0.1:${port}/api/proxy/`);
      await page.getByRole('link', { name: 'kv:1.0' }).click();
      await expect.poll(() => page.locator('h1').textContent()).toContain('kv:1.0');
      expect(await link()).toBe('Live');
      await page.getByRole('link', { name: '← All launches' }).click();
      await expect.poll(names).toEqual(['kv:1.0']);
      expect(page.url()).toBe(`http://127.0.0.1:${port}/api/proxy/`);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  it('stays quick with two thousand launches', async () => {
    cluster.put(...manyLaunches(2000));
    await page.addInitScript(`
      globalThis.longest = 0;
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
      }).observe({ type: 'longtask', buffered: true });
    `);
    const longest = async (what: string): Promise<number> => {
      await page.waitForTimeout(600);
      const ms = await page.evaluate<number>('longest');
      await page.evaluate('longest = 0');
      process.stderr.write(`status page, 2000 launches, longest task: ${what} ${Math.round(ms)} ms\n`);
      return ms;
    };
    await visit('/');
    await expect.poll(() => page.locator('.count').textContent()).toBe('2000 launches');
    const tasks = [await longest('first table')];
    for (const text of ['k', 'kv', 'kv 1', '']) {
      await page.getByRole('searchbox').fill(text);
      tasks.push(await longest(`filter "${text}"`));
    }
    cluster.put(...manyLaunches(2000).map((launch) => ({ ...launch, status: failedStatus })));
    await expect.poll(() => page.getByRole('button', { name: 'Failed 2000' }).count()).toBe(1);
    tasks.push(await longest('all change at once'));
    for (let n = 0; n < 12; n += 1) {
      await page.mouse.wheel(0, 20_000);
      await page.waitForTimeout(60);
    }
    tasks.push(await longest('scrolled down'));
    expect(await page.locator('.launches tbody tr').count()).toBeGreaterThan(500);
    tasks.push(await longest('ages with many lines'));
    // A tenth of a second on an idle machine; people notice a second.
    expect(Math.max(...tasks)).toBeLessThan(1000);
  }, 60_000);

  describe('looks as it should', () => {
    const look = async (name: string, path: string, ready: string, options: BrowserContextOptions) => {
      await context.close();
      await open({ deviceScaleFactor: 1, ...options });
      cluster.put(...exampleLaunches());
      await visit(path);
      await page.locator(ready).first().waitFor();
      await expect.poll(link).toBe('Live');
      const file = join(pictures, `status-${name}.png`);
      await page.screenshot({ path: file, fullPage: name.startsWith('launch') });
      expect(
        await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'),
      ).toBeLessThanOrEqual(0);
    };
    const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const phone = { viewport: { width: 390, height: 844 } };

    it('in the light', async () => {
      await look('table-light', '/', '.launches tbody tr', { colorScheme: 'light' });
      expect(await background()).toBe('rgb(246, 247, 249)');
    });

    it('in the dark', async () => {
      await look('table-dark', '/', '.launches tbody tr', { colorScheme: 'dark' });
      expect(await background()).toBe('rgb(17, 21, 28)');
    });

    it('on a phone', () =>
      look('table-phone', '/', '.launches tbody tr', { ...phone, colorScheme: 'light' }));

    it('with the timeline of a failure', () =>
      look('launch-failed', '/launches/fabric/asset-transfer-2-0-p0', '.waterfall li', {
        colorScheme: 'light',
      }));

    it('with the timeline of a launch that is ready', () =>
      look('launch-ready', '/launches/fabric/asset-transfer-2-1-p0', '.waterfall li', {
        colorScheme: 'dark',
      }));

    it('with a timeline on a phone', () =>
      look('launch-phone', '/launches/fabric/token-0-9-p1', '.waterfall li', {
        ...phone,
        colorScheme: 'dark',
      }));
  });
});
