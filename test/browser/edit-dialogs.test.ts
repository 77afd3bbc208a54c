import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { findFfmpeg } from '../../lib/ffmpeg/lookup';
import { openBrowser } from '../support/browser';
import { dashboard, display } from '../support/dashboard-flow';
import { type Choice, EditDialog } from '../support/edit-dialog';
import { node, uniqueTopic } from '../support/flows';
import { filmVariants, makeMaster } from '../support/hls-variants';
import { type Flows, type NodeRed, startNodeRed } from '../support/node-red';
import { sendCamera, serveFolder, startWebServer } from '../support/web-server';

const topic = uniqueTopic();
const variable = `\${FPS}`;

/** What video-source saves, but for where the video is and what is done to its pictures' number and size. */
const decoding = {
  ...{ quality: 90, start: '', end: '', loop: false, realtime: false, autostart: false, whenBusy: 'replace' },
  ...{ pictures: 'jpeg', deinterlace: 'auto', squarePixels: true, videoStream: '', variant: '', hwaccel: '' },
  ...{ stallTimeout: '', transport: 'auto', follow: false, every: '', maxFrames: 30, maxMegabytes: 64 },
};
const allOfDisplay = { wires: [[], []], figures: 'state,time', wall: false, tellShown: false };
const flows: Flows = [
  ...dashboard(),
  {
    ...{ id: 'broker', type: 'kafka-frame-broker', name: '', brokers: process.env.KAFKA_BROKERS, clientId: '' },
    ...{ tls: '', saslMechanism: 'none', tokenUrl: '', scope: '', connectionTimeout: 3000, requestTimeout: 15000 },
    credentials: { username: 'user', password: 'secret', token: 'secret' },
  },
  {
    ...{ id: 'openBroker', type: 'kafka-frame-broker', name: '', brokers: process.env.KAFKA_BROKERS, clientId: '' },
    ...{ tls: '', saslMechanism: 'none', tokenUrl: '', scope: '', connectionTimeout: 3000, requestTimeout: 30000 },
  },
  node('source', 'video-source', [[], []], 'tab', {
    ...{ name: '', source: 'videos/clip.mp4', sourceType: 'str', stream: '', fps: variable, width: '', height: '' },
    ...decoding,
    ...{ live: false, inputOptions: [] },
  }),
  node('compressed', 'video-source', [[], []], 'tab', { source: 'a.mp4', sourceType: 'str' }),
  node('camera', 'video-source', [[], []], 'tab', {
    ...{ name: '', source: '192.168.1.20/stream1', sourceType: 'camera', stream: '', fps: '', width: '', height: '' },
    ...decoding,
    ...{ live: true, inputOptions: [{ name: 'fflags', value: '+nobuffer' }] },
  }),
  node('out', 'kafka-frame-out', [[], []], 'tab', {
    ...{ name: '', broker: 'broker', topic, topicType: 'str', key: '', keyType: 'str', acks: '1', idempotent: false },
    ...{ compression: 'none', maxRecordBytes: 1000000, oversize: 'shrink', linger: 0, createTopic: true },
    ...{ partitions: '', replication: '', retention: '' },
  }),
  node('in', 'kafka-frame-in', [[], []], 'tab', {
    ...{ name: '', broker: 'broker', topic, group: '', from: 'resume', fromTime: '', fromOffset: '', stream: '' },
    ...{ commit: 'auto', commitInterval: 5000, maxDelay: '', keepUp: '', maxFrames: 30, maxMegabytes: 64 },
    pictures: 'source',
  }),
  display(allOfDisplay),
  { id: 'subflow', type: 'subflow', name: 'Subflow', in: [], out: [] },
  display({ ...allOfDisplay, id: 'inSubflow', z: 'subflow' }),
];

describe('the edit dialog', function () {
  this.timeout(60_000);
  let red: NodeRed;
  let browser: Browser;
  let page: Page;
  let dialog: EditDialog;
  let complaints: string[] = [];

  before(async () => {
    [browser, red] = await Promise.all([openBrowser(), startNodeRed({ env: { FPS: '10' } })]);
    await red.deploy(flows);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // Ignores the palette catalog, which is fetched from the web.
      const isError = message.type() === 'error' && message.location().url.startsWith(red.url);
      // The editor catches and logs what pages throw in oneditprepare and validators.
      if (isError || /^oneditprepare|^Validation error/.test(message.text())) complaints.push(message.text());
    });
    dialog = new EditDialog(page);
    await page.goto(red.url);
    await page.waitForFunction('window.RED?.nodes?.node?.("display")');
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
  });
  beforeEach(() => dialog.reset());
  afterEach(() => {
    const heard = complaints;
    complaints = [];
    assert.deepEqual(heard, []);
  });

  for (const id of ['broker', 'openBroker', 'source', 'camera', 'out', 'in', 'display']) {
    it(`of ${id} leaves the node unchanged when saved without edits`, async () => {
      await dialog.open(id);
      for (const tab of await dialog.tabs().all()) await tab.click();
      await dialog.close('ok');
      assert.deepEqual(await dialog.stateOf(id), { valid: true, changed: false, validationErrors: [], isDirty: false });
    });

    it(`of ${id} fits everything in at its default width`, async () => {
      await dialog.open(id);
      for (const tab of await dialog.tabs().all()) {
        await tab.click();
        assert.deepEqual(await dialog.cramped(), []);
      }
      await dialog.close('cancel');
    });
  }

  const oauth: Choice = ['saslMechanism', 'oauthbearer'];
  const choices: [id: string, choices: Choice[], shown: string[], hidden: string[]][] = [
    ['broker', [['saslMechanism', 'none']], [], ['username', 'password', 'token', 'tokenUrl', 'scope']],
    ['broker', [['saslMechanism', 'plain']], ['username', 'password'], ['token', 'tokenUrl', 'scope']],
    ['broker', [oauth], ['tokenUrl', 'token'], ['username', 'password', 'scope']],
    ['broker', [oauth, ['tokenUrl', 'https://a.example']], ['tokenUrl', 'username', 'password', 'scope'], ['token']],
    ['source', [], [], ['user', 'password']],
    ['camera', [], ['user', 'password'], []],
    ['source', [['pictures', 'jpeg']], ['quality', 'width', 'fps', 'deinterlace'], []],
    [
      'source',
      [['pictures', 'source']],
      ['videoStream'],
      ['quality', 'width', 'height', 'fps', 'deinterlace', 'hwaccel'],
    ],
    ['in', [['from', 'time']], ['fromTime'], ['fromOffset']],
    ['in', [['from', 'offset']], ['fromOffset'], ['fromTime']],
    ['in', [], ['maxDelay'], ['keepUp']],
    ['in', [['from', 'end']], [], ['fromTime', 'fromOffset']],
    ['in', [['commit', 'manual']], ['group'], ['commitInterval']],
    ['in', [['commit', 'auto']], ['commitInterval'], []],
    ['out', [['createTopic', false]], [], ['partitions', 'replication', 'retention']],
    ['out', [['createTopic', true]], ['partitions', 'replication', 'retention'], []],
    ['display', [['pacing', 'live']], ['timeout'], ['interval', 'speed', 'maxDelay']],
    ['display', [['pacing', 'interval']], ['interval', 'speed'], []],
    ['display', [], ['size'], ['width', 'height', 'order']],
    ['inSubflow', [], ['width', 'height', 'order'], ['size']],
  ];
  for (const [id, made, shown, hidden] of choices) {
    const circumstances = made.map((choice) => choice.join(' = ')).join(', ') || 'its place';
    it(`of ${id} shows the rows for ${circumstances}`, async () => {
      await dialog.open(id);
      for (const choice of made) await dialog.choose(choice);
      for (const property of shown) assert.ok(await dialog.field(property).isVisible(), `${property} is shown`);
      for (const property of hidden) assert.ok(await dialog.field(property).isHidden(), `${property} is hidden`);
      await dialog.close('cancel');
    });
  }

  it('of source asks for a login once it is a camera, which it connects to by itself and for good', async () => {
    await dialog.open('source');
    await page.evaluate(`$('#node-input-source').typedInput('type', 'camera')`);
    for (const property of ['user', 'password']) assert.ok(await dialog.field(property).isVisible());
    for (const property of ['live', 'autostart']) assert.ok(await dialog.field(property).isChecked(), property);
    await page.locator('.kafka-video-form a[href$="-tab-playback"]').click();
    for (const property of ['start', 'loop', 'realtime']) assert.ok(await dialog.field(property).isHidden(), property);
    await page.evaluate(`$('#node-input-source').typedInput('type', 'str')`);
    assert.ok(await dialog.field('password').isHidden());
    await dialog.close('cancel');
  });

  it('of source leaves nothing behind that would have pictures decoded which are sent as they are', async () => {
    await dialog.open('compressed');
    await dialog.field('width').fill('640');
    await dialog.field('quality').fill('50');
    await dialog.choose(['deinterlace', 'on']);
    await dialog.choose(['pictures', 'source']);
    await dialog.close('ok');
    const saved = await page.evaluate(`(() => {
      const { pictures, width, height, fps, quality, deinterlace, hwaccel } = RED.nodes.node('compressed');
      return { pictures, width, height, fps, quality: Number(quality), deinterlace, hwaccel };
    })()`);
    const cleared = { width: '', height: '', fps: '', quality: 90, deinterlace: 'auto', hwaccel: '' };
    assert.deepEqual(saved, { pictures: 'source', ...cleared });
  });

  it('of source previews an HLS stream, and offers its variants where one is chosen', async () => {
    const folder = await makeMaster('edit-dialogs-hls');
    await once(filmVariants((await findFfmpeg()).ffmpeg, folder, ['-t', '1'], ['-hls_list_size', '0']), 'close');
    const server = await startWebServer(serveFolder(folder));
    const facts = page.locator('#video-source-facts');
    try {
      await dialog.open('source');
      await page.evaluate(`$('#node-input-source').typedInput('value', '${server.url}/master.m3u8')`);
      await page.click('#video-source-look');
      await facts
        .filter({ hasText: /^64 × 48, .*Variants: 64 × 48 \(0.3 Mbit\/s\), 64 × 48 \(0.15 .*, 32 × 24/ })
        .waitFor();
      const offered = await page
        .locator('#video-source-variants option')
        .evaluateAll((options) => options.map((option) => (option as unknown as { value: string }).value));
      assert.deepEqual(offered, ['64x48@300000', '64x48@150000', '48x36', '32x24']);
      await dialog.choose(['variant', '48x36']);
      await page.click('#video-source-look');
      await facts.filter({ hasText: /^48 × 36, / }).waitFor();
      await dialog.close('cancel');
    } finally {
      await server.close();
    }
  });

  it('of camera previews it as live, and without a frame rate where it tells none', async () => {
    const create = { width: 32, height: 24, channels: 3, background: 'green' } as const;
    const jpeg = await sharp({ create }).jpeg().toBuffer();
    const server = await startWebServer((_request, response) => sendCamera(response, [jpeg]));
    try {
      await dialog.open('camera');
      await page.evaluate(`$('#node-input-source').typedInput('value', '${server.url}/video.mjpg')`);
      await page.click('#video-source-look');
      await page
        .locator('#video-source-facts')
        .filter({ hasText: /^32 × 24, mjpegLiveffmpeg / })
        .waitFor();
      await dialog.close('cancel');
    } finally {
      await server.close();
    }
  });

  it('of camera keeps the password out of the flow', async () => {
    await dialog.open('camera');
    await dialog.choose(['user', 'me']);
    await dialog.choose(['password', 's3cret#/?@']);
    await dialog.close('ok');
    const ofCamera = (nodes: Flows) => nodes.find(({ id }) => id === 'camera') ?? {};
    const deployed = ofCamera(await page.evaluate<Flows>('RED.nodes.createCompleteNodeSet()'));
    assert.deepEqual(deployed.credentials, { user: 'me', password: 's3cret#/?@' });
    const exported = await page.evaluate<Flows>('RED.nodes.createExportableNodeSet([RED.nodes.node("camera")])');
    assert.equal(ofCamera(exported).source, '192.168.1.20/stream1');
    assert.ok(!JSON.stringify(exported).includes('s3cret'));
  });

  it('of camera says which input option may not be given, and what to do instead', async () => {
    await dialog.open('camera');
    await page.locator('.kafka-video-form a[href$="-tab-input"]').click();
    await page.locator('.red-ui-editableList-addButton').click();
    await page.locator('.video-source-option-name').last().fill('rtsp_transport');
    await page.locator('.video-source-option-value').last().fill('udp');
    await page.keyboard.press('Tab');
    await dialog.invalidTabs().waitFor();
    await dialog.close('ok');
    const { validationErrors } = await dialog.stateOf('camera');
    const reason = 'Input options: "rtsp_transport" is not one that may be given: choose the Transport instead';
    assert.deepEqual(validationErrors, [reason]);
  });

  it('of display offers a choice of stats only with the overlay on', async () => {
    const stats = page.locator('#node-input-figures + .red-ui-typedInput-container');
    await dialog.open('display');
    await dialog.choose(['overlay', false]);
    assert.ok(await stats.isHidden());
    await dialog.choose(['overlay', true]);
    assert.ok(await stats.isVisible());
    await dialog.close('cancel');
  });

  it('of display asks what viewers may do where there are controls, and means everything where a flow does not say', async () => {
    await dialog.open('display');
    await dialog.choose(['controls', true]);
    assert.ok(await dialog.field('viewers').isVisible());
    assert.equal(await dialog.field('viewers').inputValue(), 'all');
    assert.equal(await dialog.field('overlayPosition').inputValue(), 'top-left');
    await dialog.choose(['controls', false]);
    assert.ok(await dialog.field('viewers').isHidden());
    await dialog.close('cancel');
  });

  it('of out forces acks=all when idempotent', async () => {
    await dialog.open('out');
    await dialog.choose(['idempotent', true]);
    assert.equal(await dialog.field('acks').inputValue(), 'all');
    assert.ok(await dialog.field('acks').isDisabled());
    await dialog.close('cancel');
  });

  const mistakes: [id: string, property: string, value: string, reason: string][] = [
    ['broker', 'requestTimeout', '0', 'Request timeout: enter a number above 0, up to 3600000, or leave it blank'],
    ['broker', 'brokers', 'a,,b', 'Brokers: enter one or more host:port, separated by commas'],
    ['source', 'quality', '101', 'JPEG quality: enter a number from 1 to 100, or leave it blank'],
    ['source', 'width', '1.5', 'Width: enter a whole number from 1 to 65500, or leave it blank'],
    ['source', 'variant', '720p', 'Variant: enter a size as Preview lists it, such as 1280x720, or leave it blank'],
    ['out', 'maxRecordBytes', '10', 'Max record size: enter a whole number from 1024 to 1000000000, or leave it blank'],
    ['in', 'maxFrames', '0', 'Max frames: enter a whole number from 1 to 1000000, or leave it blank'],
    ['display', 'speed', '17', 'Speed: enter a number from 0.1 to 16, or leave it blank'],
  ];
  for (const [id, property, value, reason] of mistakes) {
    it(`of ${id} rejects ${property} = ${value} and says why`, async () => {
      await dialog.open(id);
      const right = await dialog.field(property).inputValue();
      await dialog.choose([property, value]);
      await dialog.invalidTabs().waitFor();
      assert.ok(await dialog.isInvalid(property));
      await dialog.close('ok');
      const { valid, validationErrors } = await dialog.stateOf(id);
      assert.deepEqual({ valid, validationErrors }, { valid: false, validationErrors: [reason] });

      await dialog.open(id);
      await dialog.invalidTabs().waitFor();
      await dialog.choose([property, right]);
      assert.equal(await dialog.invalidTabs().count(), 0);
      await dialog.close('ok');
      assert.ok((await dialog.stateOf(id)).valid);
    });
  }

  it('of in validates the start time only if starting from a time', async () => {
    await dialog.open('in');
    await dialog.choose(['from', 'time']);
    assert.ok(await dialog.isInvalid('fromTime'));
    await dialog.choose(['fromTime', '2026-01-31T12:00:00Z']);
    assert.ok(!(await dialog.isInvalid('fromTime')));
    await dialog.choose(['fromTime', 'noon']);
    assert.ok(await dialog.isInvalid('fromTime'));
    await dialog.choose(['from', 'end']);
    assert.ok(!(await dialog.isInvalid('fromTime')));
    await dialog.close('cancel');
  });

  it('of source keeps an environment variable in a numeric field', async () => {
    await dialog.open('source');
    assert.equal(await dialog.field('fps').inputValue(), variable);
    assert.ok(!(await dialog.isInvalid('fps')));
    await dialog.close('cancel');
  });

  for (const [id, input] of [
    ['in', '#node-input-topic'],
    ['out', '#node-input-topic + .red-ui-typedInput-container input'],
  ] as const) {
    it(`of ${id} completes topics from the broker`, async () => {
      await dialog.open(id);
      await page.locator(input).fill('');
      await page.locator(input).pressSequentially(topic.slice(0, -1));
      await page.locator('.red-ui-autoComplete-container, .red-ui-menu', { hasText: topic }).first().waitFor();
      await page.keyboard.press('Escape');
      await dialog.close('cancel');
    });
  }

  it('of a broker without credentials deploys those that are entered', async () => {
    await dialog.open('openBroker');
    for (const choice of [
      ['saslMechanism', 'plain'],
      ['username', 'me'],
      ['password', 'secret'],
    ] as Choice[]) {
      await dialog.choose(choice);
    }
    await dialog.close('ok');
    const nodes = await page.evaluate<Flows>('RED.nodes.createCompleteNodeSet()');
    const credentials = nodes.find(({ id }) => id === 'openBroker')?.credentials;
    assert.deepEqual(credentials, { username: 'me', password: 'secret' });
  });

  it('of broker tests the connection', async () => {
    await dialog.open('broker');
    await page.click('#kafka-frame-broker-test');
    await page.locator('#kafka-frame-broker-result', { hasText: /^Connected to / }).waitFor();
    await dialog.close('cancel');
  });
});
