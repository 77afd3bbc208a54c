import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { cluster, createTopic, testImage } from '../integration/kafka-support';
import { openBrowser } from '../support/browser';
import { dashboard, display, probes } from '../support/dashboard-flow';
import { openDisplayPage } from '../support/display-page';
import { node, uniqueTopic } from '../support/flows';
import { type NodeRed, type Seen, startNodeRed } from '../support/node-red';

/** The key of a record, and what people see of it. */
const names: [key: string | Buffer, shown: string][] = [
  ['cam', 'cam'],
  ['cam\u200b', 'cam\\u{200b}'],
  ['\u202ecam\n\u001b[2J', '\\u{202e}cam\\u{a}\\u{1b}[2J'],
  // Two numbers, which are no text.
  [Buffer.from([0, 0, 0, 200]), '0x000000c8'],
  [Buffer.from([0, 0, 0, 201]), '0x000000c9'],
];
const odd = /[\p{Cc}\p{Cf}]/u;

/** The beginning of a PNG of 20,000 by 20,000 pixels, which is too large to be shown. */
function hugePicture(): Buffer {
  const png = Buffer.alloc(64);
  png.write('89504e470d0a1a0a0000000d49484452', 'hex');
  png.writeUInt32BE(20_000, 16);
  png.writeUInt32BE(20_000, 20);
  return png;
}

describe('streams with odd names', function () {
  this.timeout(60_000);
  let browser: Browser;
  let red: NodeRed;
  const topic = uniqueTopic();

  before(async () => {
    const flows = [
      ...dashboard(),
      { id: 'broker', type: 'kafka-frame-broker', brokers: process.env.KAFKA_BROKERS },
      node('in', 'kafka-frame-in', [['display'], []], 'tab', {
        broker: 'broker',
        topic,
        group: topic,
        from: 'beginning',
      }),
      display({ passthru: true }),
      ...probes(),
      node('status', 'status', [['statuses']], 'tab', { scope: null }),
      node('statuses', 'test-probe', []),
    ];
    await createTopic(topic);
    const value = await testImage();
    const producer = cluster.client().producer();
    await producer.connect();
    const messages = names.map(([key]) => ({ key, value }));
    await producer.send({ topic, messages: [...messages, { key: names[2]?.[0], value: hugePicture() }] });
    await producer.disconnect();
    [browser, red] = await Promise.all([openBrowser(), startNodeRed({ flows })]);
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
  });

  it('are told apart where they are shown, with nothing in them that hides or turns around anything', async () => {
    const page = await openDisplayPage(browser, `${red.url}/dashboard/page`);
    await page.hover('.frame-display');
    await page.click('.frame-display__stream');
    const choices = page.locator('[role="menuitemradio"] .v-list-item-title');
    await choices.nth(names.length).waitFor();
    const texts = await choices.allTextContents();
    assert.deepEqual(texts.slice(1).sort(), names.map(([, shown]) => shown).sort());
    const titles = await page.locator('[title]').evaluateAll((all) => all.map((each) => each.getAttribute('title')));
    for (const title of titles) assert.doesNotMatch(title as string, odd);
    await page.click('[role="menuitemradio"]:has-text("cam\\\\u{200b}")');
    const isChosen = ({ msg: { event, payload } }: Seen) =>
      event === 'command' && (payload as { value: string }).value === 'cam\u200b';
    await red.until('events', (seen) => seen.some(isChosen));
  });

  it('are what they were in the flow', async () => {
    const shown = await red.until('shown', (seen) => seen.some(({ msg }) => msg.topic === 'cam\u200b'));
    for (const { msg } of shown) assert.equal((msg.kafka as { key: string }).key, msg.topic);
  });

  it('leave logs and statuses on one line, in the order in which they are written', async () => {
    await red.until('statuses', (seen) => seen.some(({ msg }) => /too large/.test(JSON.stringify(msg))));
    const line = red.logs().match(/A picture of .*/)?.[0] ?? '';
    assert.match(line, /^A picture of "\\u\{202e\}cam\\u\{a\}\\u\{1b\}\[2J" has 20000 x 20000 pixels/);
    for (const { msg } of red.seen('statuses')) assert.doesNotMatch((msg.status as { text: string }).text, odd);
  });
});
