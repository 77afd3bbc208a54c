import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Node, NodeAPI, NodeMessage } from 'node-red';
import helper from 'node-red-node-test-helper';
import sharp from 'sharp';
import { openSourceFlow, type SourceFlow } from '../../nodes/common/flow-control';

type Seen = NodeMessage & { event?: string; payload: unknown; frame?: { seq: number } };

const display = (more: object = {}) => ({
  ...{ id: 'display', type: 'ui-frame-display', z: 'tab', x: 1, y: 1, wires: [['shown'], ['events']] },
  ...{ group: 'group', order: 1, width: 0, height: 0, pacing: 'source', interval: 16, speed: 1, stream: '' },
  ...{ fit: 'contain', controls: true, overlay: false, timeout: 20, passthru: true },
  ...more,
});

const flow = (more: object = {}) => [
  { id: 'tab', type: 'tab' },
  { id: 'group', type: 'fake-group' },
  display(more),
  { id: 'shown', type: 'helper', z: 'tab', x: 1, y: 1 },
  { id: 'events', type: 'helper', z: 'tab', x: 1, y: 1 },
  { id: 'caught', type: 'catch', z: 'tab', x: 1, y: 1, wires: [['errors']] },
  { id: 'errors', type: 'helper', z: 'tab', x: 1, y: 1 },
  { id: 'source', type: 'test-source', z: 'tab', x: 1, y: 1, wires: [['display']] },
];

/** What the fake group was given, as Dashboard would have it. */
interface Registered {
  node: Node;
  props: Record<string, unknown>;
  events: { onChange(msg: object, value: unknown, socket: unknown, id: string): void };
}
let registered: Registered;
let source: SourceFlow;

/** Stands for Dashboard's group and for a source that counts what is unfinished. */
function fakes(RED: NodeAPI): void {
  RED.nodes.registerType('fake-group', function FakeGroup(this: Node, config) {
    RED.nodes.createNode(this, config);
    Object.assign(this, {
      register(node: Node, props: Record<string, unknown>, events: Registered['events']) {
        registered = { node, props, events };
      },
    });
  });
  RED.nodes.registerType('test-source', function TestSource(this: Node, config) {
    RED.nodes.createNode(this, config);
    source = openSourceFlow(RED, this, { maxFrames: Infinity, maxBytes: Infinity });
    this.on('close', () => source.close());
  });
}

const nodes = [require('../../nodes/frame-display/frame-display'), fakes];

let jpeg: Buffer;

function frameMessage(seq: number, more: object = {}): NodeMessage & { frame: object } {
  const frame = { stream: 'clip.mp4', session: 's', seq, pts: seq * 20, duration: 20, codec: 'jpeg', ...more };
  return { payload: jpeg, topic: 'clip.mp4', frame };
}

/** Collects what a helper node receives, and waits for as much as is asked for. */
function collect(id: string) {
  const node = helper.getNode(id);
  const seen: Seen[] = [];
  node.on('input', (msg: NodeMessage) => seen.push(msg as Seen));
  return {
    seen,
    async until(enough: (seen: Seen[]) => boolean): Promise<Seen[]> {
      while (!enough(seen)) await once(node as unknown as NodeJS.EventEmitter, 'input');
      return seen;
    },
  };
}

const statusOf = (node: Node) => (node as unknown as { status: { lastCall?: { args: [{ text: string }] } } }).status;
const lastStatus = (node: Node) => statusOf(node).lastCall?.args[0].text ?? '';

/** A browser's socket as the node sees it. */
function fakeSocket(id: string) {
  const listeners = new Map<string, (message: unknown) => void>();
  const emitted: { event: string; args: unknown[] }[] = [];
  const socket = {
    id,
    emit: (event: string, ...args: unknown[]) => emitted.push({ event, args }),
    on: (event: string, listener: (message: unknown) => void) => listeners.set(event, listener),
    off: (event: string) => listeners.delete(event),
  };
  const pictures = () => emitted.filter(({ event }) => event === 'frame:display');
  return {
    socket,
    listeners,
    emitted,
    pictures,
    say: (message: object) => listeners.get('frame-display:display')?.(message),
  };
}

function hello(socket: unknown, viewer = 'v'): void {
  registered.events.onChange({}, { viewer, visible: true }, socket, 'display');
}

describe('ui-frame-display', () => {
  before(async () => {
    helper.init(require.resolve('node-red'));
    jpeg = await sharp({ create: { width: 32, height: 18, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    await new Promise<void>((resolve) => helper.startServer(resolve));
  });
  after(() => new Promise<void>((resolve) => helper.stopServer(resolve)));
  afterEach(() => helper.unload());

  it('shows frames in order at their pace, sends each on, and finishes them', async () => {
    await helper.load(nodes, flow());
    const shown = collect('shown');
    let finished = 0;
    const startedAt = Date.now();
    for (let seq = 0; seq < 25; seq += 1) {
      source.send(frameMessage(seq, seq === 24 ? { last: true } : {}), () => {
        finished += 1;
      });
    }
    await collect('events').until((seen) => seen.some(({ event }) => event === 'ended'));
    assert.deepEqual(
      shown.seen.map(({ frame }) => frame?.seq),
      Array.from({ length: 25 }, (_, seq) => seq),
    );
    assert.equal(finished, 25);
    assert.ok(Date.now() - startedAt >= 480);
  });

  it('tells its states on the second output', async () => {
    await helper.load(nodes, flow());
    const events = collect('events');
    source.send(frameMessage(0, { last: true }), () => {});
    await events.until((seen) => seen.some(({ payload }) => (payload as { state?: string }).state === 'ended'));
    const states = events.seen.filter(({ event }) => event === 'state').map(({ payload }) => payload);
    assert.deepEqual(states, [
      { state: 'playing', previous: 'waiting' },
      { state: 'ended', previous: 'playing' },
    ]);
    assert.ok(events.seen.every(({ topic }) => typeof topic === 'string'));
  });

  it('finishes nothing while paused, shows one frame a step, and goes on with the next', async () => {
    // The same frames go to another display, which plays.
    const other = [
      display({ id: 'other', wires: [[], ['others']] }),
      { id: 'others', type: 'helper', z: 'tab', x: 1, y: 1 },
    ];
    const wired = flow().map((node) => (node.id === 'source' ? { ...node, wires: [['display', 'other']] } : node));
    await helper.load(nodes, [...wired, ...other]);
    const shown = collect('shown');
    const others = collect('others');
    const node = helper.getNode('display');
    let finished = 0;
    node.receive({ action: 'pause' } as NodeMessage);
    for (let seq = 0; seq < 5; seq += 1) {
      source.send(frameMessage(seq, seq === 4 ? { last: true } : {}), () => {
        finished += 1;
      });
    }
    await new Promise(setImmediate);
    node.receive({ action: 'step' } as NodeMessage);
    await shown.until((seen) => seen.length === 1);
    await others.until((seen) => seen.some(({ event }) => event === 'ended'));
    assert.equal(shown.seen.length, 1);
    assert.equal(finished, 1);
    node.receive({ action: 'play' } as NodeMessage);
    await shown.until((seen) => seen.length === 5);
    assert.deepEqual(
      shown.seen.map(({ frame }) => frame?.seq),
      [0, 1, 2, 3, 4],
    );
  });

  it('shows an image without a description, at the interval', async () => {
    await helper.load(nodes, flow());
    const shown = collect('shown');
    helper.getNode('display').receive({ payload: jpeg });
    assert.equal((await shown.until((seen) => seen.length === 1))[0].payload, jpeg);
  });

  it('reports a payload that is no image once, and shows the next', async () => {
    await helper.load(nodes, flow());
    const errors = collect('errors');
    const shown = collect('shown');
    const node = helper.getNode('display');
    node.receive({ payload: Buffer.from('not an image') });
    const [caught] = await errors.until((seen) => seen.length === 1);
    assert.match((caught as unknown as { error: { message: string } }).error.message, /not an image/);
    assert.equal(lastStatus(node), 'not an image');
    node.receive({ payload: jpeg });
    await shown.until((seen) => seen.length === 1);
    assert.equal(errors.seen.length, 1);
  });

  it('does not send a browser a picture too large for it: one error, and the next picture is shown', async () => {
    await helper.load(nodes, flow());
    const errors = collect('errors');
    const shown = collect('shown');
    const browser = fakeSocket('one');
    hello(browser.socket);
    const node = helper.getNode('display');
    // The size is in the frame header, which comes to ffc0 0011 08 in the encoder's output.
    const huge = Buffer.from(jpeg);
    huge.writeUInt32BE(0x3fff3fff, huge.indexOf(Buffer.from('ffc0001108', 'hex')) + 5);
    for (let count = 0; count < 10; count += 1) node.receive({ payload: huge });
    node.receive({ payload: jpeg });
    await shown.until((seen) => seen.length === 1);
    assert.equal(browser.pictures().length, 1);
    assert.equal((browser.pictures()[0].args[0] as { width: number }).width, 32);
    await errors.until((seen) => seen.length === 1);
    assert.match((errors.seen[0] as unknown as { error: { message: string } }).error.message, /16383 x 16383 pixels/);
  });

  for (const [title, message] of [
    ['a string', { payload: 'hello' }],
    ['nothing', {}],
    ['an unknown action', { action: 'rewind' }],
    ['a speed that is no number', { action: 'speed', payload: 'fast' }],
    ['a stream that is no name', { action: 'stream', payload: 7 }],
  ] as const) {
    it(`answers ${title} with one clear error`, async () => {
      await helper.load(nodes, flow());
      const errors = collect('errors');
      helper.getNode('display').receive(message as NodeMessage);
      await errors.until((seen) => seen.length === 1);
      assert.ok(lastStatus(helper.getNode('display')).length < 20);
    });
  }

  it('paces its flow without a dashboard group, and says what is missing', async () => {
    await helper.load(nodes, flow({ group: 'gone' }));
    assert.equal(lastStatus(helper.getNode('display')), 'no group');
    const shown = collect('shown');
    helper.getNode('display').receive({ payload: jpeg });
    await shown.until((seen) => seen.length === 1);
  });

  it('does not start with options that make no sense', async () => {
    await helper.load(nodes, flow({ speed: 99 }));
    assert.equal(lastStatus(helper.getNode('display')), 'cannot start');
  });

  it('gives Dashboard a stand-in and only the properties a page needs', async () => {
    await helper.load(nodes, flow());
    assert.notEqual(registered.node, helper.getNode('display'));
    assert.equal(registered.node.id, 'display');
    assert.deepEqual(Object.keys(registered.props).sort(), [
      ...[
        'controls',
        'figures',
        'fit',
        'group',
        'height',
        'id',
        'name',
        'order',
        'overlay',
        'overlayPosition',
        'type',
        'viewers',
        'wall',
        'width',
        'z',
      ],
    ]);
  });

  it('hands no frame to Dashboard, but its dynamic properties', async () => {
    await helper.load(nodes, flow());
    const handed: object[] = [];
    registered.node.on('input', (msg, _send, done) => {
      handed.push(msg);
      done();
    });
    const shown = collect('shown');
    const node = helper.getNode('display');
    node.receive({ enabled: false } as NodeMessage);
    node.receive({ payload: jpeg });
    await shown.until((seen) => seen.length === 1);
    assert.equal(handed.length, 1);
    assert.ok('enabled' in handed[0]);
  });

  it('sends frames to a viewer that said hello, two at most until it acknowledges', async () => {
    await helper.load(nodes, flow({ pacing: 'interval', interval: 5 }));
    const browser = fakeSocket('one');
    hello(browser.socket);
    const shown = collect('shown');
    source.send(frameMessage(0), () => {});
    await shown.until((seen) => seen.length === 1);
    browser.say({ viewer: 'v', screen: 0, decoded: 1 });
    for (let seq = 1; seq < 10; seq += 1) source.send(frameMessage(seq), () => {});
    await shown.until((seen) => seen.length === 10);
    assert.equal(browser.pictures().length, 3);
    assert.ok(Buffer.isBuffer(browser.pictures()[0].args[1]));
    browser.say({ viewer: 'v', screen: 0, decoded: 3 });
    assert.equal((browser.pictures()[3].args[0] as { seq: number }).seq, 9);
  });

  it('lets nothing into the flow that a browser makes Dashboard send out of it', async () => {
    await helper.load(nodes, flow());
    const shown = collect('shown');
    const events = collect('events');
    const node = helper.getNode('display');
    // As onChange of a ui-base does that does not hold this widget, and onSend of any.
    node.send({ payload: { viewer: 'v', visible: true } });
    node.send([{ payload: 'forged' }, null] as never);
    node.send([null, { event: 'seek', action: 'pause' }] as never);
    node.receive({ payload: jpeg });
    await shown.until((seen) => seen.length === 1);
    assert.equal(shown.seen[0]?.payload, jpeg);
    assert.ok(events.seen.every(({ event }) => event === 'state'));
  });

  it('has four viewers on a socket at most, and is not flooded by one', async () => {
    await helper.load(nodes, flow());
    const browser = fakeSocket('one');
    const other = fakeSocket('other');
    const events = collect('events');
    for (let id = 0; id < 1000; id += 1) hello(browser.socket, `v${id}`);
    hello(other.socket);
    helper.getNode('display').receive({ action: 'pause' } as NodeMessage);
    await events.until((seen) => seen.some(({ event }) => event === 'command'));
    const joined = events.seen.filter(({ event }) => event === 'viewer-joined');
    assert.ok(joined.length < 100, `${joined.length} have joined`);
    assert.equal(Math.max(...joined.map(({ payload }) => (payload as { viewers: number }).viewers)), 5);
  });

  it('reports no bad command of a viewer, however many come', async () => {
    await helper.load(nodes, flow());
    const browser = fakeSocket('one');
    hello(browser.socket);
    const node = helper.getNode('display');
    for (let count = 0; count < 1000; count += 1) browser.say({ viewer: 'v', action: 'speed', value: -1 });
    const shown = collect('shown');
    node.receive({ payload: jpeg });
    await shown.until((seen) => seen.length === 1);
    assert.equal((node.error as unknown as { callCount: number }).callCount, 0);
  });

  it('sends nothing more to a socket whose line does not take it', async () => {
    await helper.load(nodes, flow());
    const browser = fakeSocket('one');
    hello(browser.socket);
    const waiting = { length: 1000 };
    Object.assign(browser.socket, { conn: { writeBuffer: waiting } });
    const { length } = browser.emitted;
    const shown = collect('shown');
    const node = helper.getNode('display');
    node.receive({ payload: jpeg });
    await shown.until((seen) => seen.length === 1);
    assert.equal(browser.emitted.length, length);
  });

  it('answers nothing to a socket whose line does not take it', async () => {
    await helper.load(nodes, flow());
    const events = collect('events');
    const browser = fakeSocket('one');
    hello(browser.socket);
    browser.say({ viewer: 'v', ping: 1 });
    assert.equal(browser.emitted.at(-1)?.event, 'frame-clock:display');
    const { length } = browser.emitted;
    Object.assign(browser.socket, { conn: { writeBuffer: { length: 1000 } } });
    for (let ping = 0; ping < 10; ping += 1) browser.say({ viewer: 'v', ping });
    browser.say({ viewer: 'another', visible: true });
    helper.getNode('display').receive({ action: 'pause' } as NodeMessage);
    await events.until((seen) => seen.some(({ event }) => event === 'command'));
    assert.equal(browser.emitted.length, length);
  });

  it('obeys a viewer only where controls are shown', async () => {
    for (const [controls, state] of [
      [true, 'paused'],
      [false, 'waiting'],
    ] as const) {
      await helper.load(nodes, flow({ controls }));
      const browser = fakeSocket('one');
      hello(browser.socket);
      browser.say({ viewer: 'v', action: 'pause' });
      hello(browser.socket, 'second');
      const reports = browser.emitted.filter(({ event }) => event === 'frame-report:display');
      assert.equal((reports[reports.length - 1].args[0] as { state: string }).state, state);
      await helper.unload();
    }
  });

  for (const [what, more, obeys] of [
    ['all', { viewers: 'all' }, true],
    ['what is not said, in a flow saved before', {}, true],
    ['their own view', { viewers: 'own' }, false],
    ['nothing', { viewers: 'none' }, false],
    ['everything but without controls', { viewers: 'all', controls: false }, false],
  ] as const) {
    it(`${obeys ? 'obeys' : 'refuses'} what a browser sends where viewers may do ${what}`, async () => {
      await helper.load(nodes, flow(more));
      const events = collect('events');
      const browser = fakeSocket('one');
      hello(browser.socket);
      const actions = ['play', 'pause', 'step', 'stop', 'speed', 'stream', 'seek', 'replay'];
      const values: Record<string, unknown> = { speed: 2, stream: 'clip.mp4', seek: 'end' };
      for (const action of actions) browser.say({ viewer: 'v', action, value: values[action] });
      // What the flow says comes after, and is always obeyed.
      helper.getNode('display').receive({ action: 'pause' } as never);
      const isByFlow = ({ event, payload }: Seen) =>
        event === 'command' && (payload as { by: string }).by === 'message';
      await events.until((seen) => seen.some(isByFlow));
      const byViewer = events.seen.filter((seen) => seen.event === 'command' && !isByFlow(seen));
      assert.deepEqual(
        byViewer.map(({ payload }) => (payload as { action: string }).action),
        obeys ? actions : [],
      );
    });
  }

  it('lets no viewer of a wall choose a stream for all', async () => {
    await helper.load(nodes, flow({ wall: true }));
    const events = collect('events');
    const browser = fakeSocket('one');
    hello(browser.socket);
    browser.say({ viewer: 'v', action: 'stream', value: 'clip.mp4' });
    browser.say({ viewer: 'v', action: 'pause' });
    await events.until((seen) => seen.some(({ event }) => event === 'command'));
    const commands = events.seen.filter(({ event }) => event === 'command');
    assert.deepEqual(
      commands.map(({ payload }) => (payload as { action: string }).action),
      ['pause'],
    );
  });

  it('does not start where it is not clear what viewers may do', async () => {
    await helper.load(nodes, flow({ viewers: 'everybody' }));
    assert.equal(lastStatus(helper.getNode('display')), 'cannot start');
  });

  it('is not disturbed by whatever a browser may send', async () => {
    await helper.load(nodes, flow());
    const browser = fakeSocket('one');
    for (const value of [undefined, null, 7, 'hello', {}, { viewer: { toString: null }, visible: true }, []]) {
      registered.events.onChange({}, value, browser.socket, 'display');
    }
    hello(browser.socket);
    for (const painted of ['1', null, Number.NaN, {}]) browser.say({ viewer: 'v', screen: 0, decoded: painted });
    const shown = collect('shown');
    helper.getNode('display').receive({ payload: jpeg });
    await shown.until((seen) => seen.length === 1);
    assert.equal(browser.pictures().length, 1);
  });

  it('forgets a viewer whose socket is gone, and lets go of all sockets when closed', async () => {
    await helper.load(nodes, flow());
    const [gone, alive] = [fakeSocket('gone'), fakeSocket('alive')];
    const events = collect('events');
    hello(gone.socket);
    hello(alive.socket);
    gone.listeners.get('disconnect')?.(undefined);
    await events.until((seen) => seen.some(({ event }) => event === 'viewer-left'));
    assert.equal(gone.listeners.size, 0);
    await helper.unload();
    assert.equal(alive.listeners.size, 0);
  });

  for (const [what, settings, warnings] of [
    ['warns where only the pages ask for a password', { httpNodeAuth: { user: 'u', pass: 'p' } }, 1],
    ['does not where the socket does, too', { httpNodeAuth: {}, dashboard: { ioMiddleware: () => {} } }, 0],
    ['does not where nobody is asked', {}, 0],
  ] as const) {
    it(`${what} of who can see the video`, async () => {
      helper.settings(settings as never);
      try {
        await helper.load(nodes, []);
        const logged = helper.log().args.map(([{ msg }]) => String(msg));
        assert.equal(logged.filter((text) => text.includes('dashboard.ioMiddleware')).length, warnings);
      } finally {
        helper.settings({} as never);
      }
    });
  }
});
