import assert from 'node:assert/strict';
import type { Node, NodeAPI, NodeMessage } from 'node-red';
import helper from 'node-red-node-test-helper';
import { noteFrameMemory } from '../../../lib/frame/frame-memory';
import { type Clock, systemClock } from '../../../lib/time/clock';
import { openSinkFlow, openSourceFlow, type SourceFlow } from '../../../nodes/common/flow-control';
import { FakeClock } from '../../support/fake-clock';

const core = (path: string) => require(`@node-red/nodes/core/${path}`);
helper.init(require.resolve('node-red'));

/** A source under test: sends on demand and counts what its flow has finished. */
interface Source extends Node {
  flow: SourceFlow;
  finished: number;
  outcomes: string[];
  emitFrame(msg?: NodeMessage): void;
  whenFinished(count: number): Promise<void>;
}

/** A node that keeps what it gets until told to finish. */
interface Hold extends Node {
  held: (() => void)[];
  tracked: boolean[];
  whenHeld(count: number): Promise<void>;
}

/** By which sources know how long nothing has moved. */
let clock: Clock = systemClock;

function testNodes(RED: NodeAPI): void {
  type SourceConfig = { id: string; type: string; maxFrames?: number; maxBytes?: number };
  RED.nodes.registerType('source', function (this: Source, config: SourceConfig) {
    RED.nodes.createNode(this, config as never);
    const { maxFrames = 30, maxBytes = 64e6 } = config;
    this.flow = openSourceFlow(RED, this, { maxFrames, maxBytes }, clock);
    this.finished = 0;
    this.outcomes = [];
    this.emitFrame = (msg = { payload: Buffer.from('frame') }) =>
      this.flow.send(msg, (outcome) => {
        this.finished += 1;
        this.outcomes.push(outcome);
        this.emit('finished');
      });
    this.whenFinished = (count) => when(this, 'finished', () => this.finished >= count);
    this.on('close', () => this.flow.close());
  } as never);

  RED.nodes.registerType('hold', function (this: Hold, config: { id: string; type: string }) {
    RED.nodes.createNode(this, config as never);
    const flow = openSinkFlow(RED, this);
    this.held = [];
    this.tracked = [];
    this.whenHeld = (count) => when(this, 'held', () => this.held.length >= count);
    this.on('input', (msg, _send, done) => {
      this.tracked.push(flow.isTracked(msg));
      this.held.push(done);
      this.emit('held');
    });
    this.on('close', () => flow.close());
  } as never);

  RED.nodes.registerType('thrower', function (this: Node, config: { id: string; type: string }) {
    RED.nodes.createNode(this, config as never);
    this.on('input', (_msg, _send, _done) => {
      throw new Error('thrown on purpose');
    });
  } as never);

  RED.nodes.registerType('legacy', function (this: Node, config: { id: string; type: string }) {
    RED.nodes.createNode(this, config as never);
    this.on('input', ((msg: NodeMessage) => this.send(msg)) as never);
  } as never);
}

function when(node: Node, event: string, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!holds()) return;
      node.removeListener(event, check);
      resolve();
    };
    node.on(event as never, check as never);
    check();
  });
}

const nodeTypes = [
  testNodes,
  core('function/10-function.js'),
  core('function/15-change.js'),
  core('function/89-delay.js'),
  core('common/60-link.js'),
  core('common/20-inject.js'),
  core('sequence/17-split.js'),
  core('sequence/18-sort.js'),
  core('sequence/19-batch.js'),
];
const at = (id: string, type: string, wires: string[][], more: object = {}) => ({
  id,
  type,
  z: 'tab',
  x: 1,
  y: 1,
  wires,
  ...more,
});
const func = (id: string, code: string, wires: string[][]) =>
  at(id, 'function', wires, { func: code, outputs: 1, libs: [], timeout: 0 });

async function load(nodes: object[]): Promise<{ source: Source; hold: Hold }> {
  await helper.load(nodeTypes as never, [{ id: 'tab', type: 'tab' }, ...nodes] as never);
  return { source: helper.getNode('source') as unknown as Source, hold: helper.getNode('hold') as unknown as Hold };
}

/** What nodes have warned of since the flow was loaded. */
function warningsOfNodes(): { id?: string; msg: string }[] {
  return helper
    .log()
    .args.map(([event]) => event as { level: number; id?: string; msg: string })
    .filter((event) => event.level === 30 && event.id !== undefined);
}

/** A join of so many frames to an array. */
const join = (count: number, wires: string[][], more: object = {}) =>
  at('join', 'join', wires, {
    ...{ mode: 'custom', build: 'array', property: 'payload', propertyType: 'msg', count: String(count), ...more },
  });

/** Runs everything already queued for delivery through the flow, several hops far. */
async function settle(): Promise<void> {
  for (let hop = 0; hop < 20; hop += 1) await new Promise(setImmediate);
}

describe('flow control', () => {
  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    helper.settings({});
    clock = systemClock;
  });

  it('finishes a frame at once when nothing is wired', async () => {
    const { source } = await load([at('source', 'source', [[]])]);
    source.emitFrame();
    assert.equal(source.finished, 1);
  });

  it('does not finish a frame before the node that got it calls done', async () => {
    const { source, hold } = await load([at('source', 'source', [['hold']]), at('hold', 'hold', [])]);
    source.emitFrame();
    await hold.whenHeld(1);
    assert.equal(source.finished, 0);
    hold.held[0]?.();
    assert.deepEqual(source.outcomes, ['done']);
  });

  it('finishes a frame that a function node drops', async () => {
    const { source } = await load([
      at('source', 'source', [['drop']]),
      func('drop', 'return null;', [['hold']]),
      at('hold', 'hold', []),
    ]);
    source.emitFrame();
    await source.whenFinished(1);
  });

  it('follows a frame through a delay node', async () => {
    const { source, hold } = await load([
      at('source', 'source', [['delay']]),
      at('delay', 'delay', [['hold']], { pauseType: 'delay', timeout: '20', timeoutUnits: 'milliseconds' }),
      at('hold', 'hold', []),
    ]);
    source.emitFrame();
    await hold.whenHeld(1);
    assert.equal(source.finished, 0);
    hold.held[0]?.();
    assert.equal(source.finished, 1);
  });

  it('waits for both of two branches', async () => {
    const { source, hold } = await load([
      at('source', 'source', [['hold', 'pass']]),
      func('pass', 'return msg;', [['hold']]),
      at('hold', 'hold', []),
    ]);
    source.emitFrame();
    await hold.whenHeld(2);
    hold.held[0]?.();
    assert.equal(source.finished, 0);
    hold.held[1]?.();
    assert.equal(source.finished, 1);
  });

  it('follows a frame through link nodes', async () => {
    const { source, hold } = await load([
      at('source', 'source', [['out']]),
      at('out', 'link out', [], { mode: 'link', links: ['in'] }),
      at('in', 'link in', [['hold']], { links: ['out'] }),
      at('hold', 'hold', []),
    ]);
    source.emitFrame();
    await hold.whenHeld(1);
    assert.equal(source.finished, 0);
    hold.held[0]?.();
    assert.equal(source.finished, 1);
  });

  it('follows a frame through a link call and its return', async () => {
    const { source, hold } = await load([
      at('source', 'source', [['call']]),
      at('call', 'link call', [['hold']], { linkType: 'static', links: ['in'], timeout: '5' }),
      at('in', 'link in', [['return']], { links: [] }),
      at('return', 'link out', [], { mode: 'return', links: [] }),
      at('hold', 'hold', []),
    ]);
    source.emitFrame();
    await hold.whenHeld(1);
    assert.equal(source.finished, 0);
    hold.held[0]?.();
    await source.whenFinished(1);
  });

  it('follows a frame through a subflow', async () => {
    const { source, hold } = await load([
      {
        id: 'sub',
        type: 'subflow',
        name: 'sub',
        in: [{ wires: [{ id: 'inner' }] }],
        out: [{ wires: [{ id: 'inner', port: 0 }] }],
      },
      { ...func('inner', 'return msg;', [[]]), z: 'sub' },
      at('source', 'source', [['instance']]),
      at('instance', 'subflow:sub', [['hold']]),
      at('hold', 'hold', []),
    ]);
    source.emitFrame();
    await hold.whenHeld(1);
    assert.equal(source.finished, 0);
    hold.held[0]?.();
    assert.equal(source.finished, 1);
  });

  it('counts an old-style handler as done when it returns, and follows what it sent', async () => {
    const { source, hold } = await load([
      at('source', 'source', [['legacy']]),
      at('legacy', 'legacy', [['hold']]),
      at('hold', 'hold', []),
    ]);
    source.emitFrame();
    await hold.whenHeld(1);
    assert.equal(source.finished, 0);
    hold.held[0]?.();
    assert.equal(source.finished, 1);
  });

  it('finishes a frame after the deadline when a handler throws, with one warning that names the node', async () => {
    helper.settings({ kafkaVideo: { frameDeadline: 30 } } as never);
    const { source } = await load([
      at('source', 'source', [['thrower']]),
      at('thrower', 'thrower', [], { name: 'my thrower' }),
    ]);
    source.emitFrame();
    source.emitFrame();
    await source.whenFinished(2);
    // From now on nobody waits for it: the frame is finished as soon as it was received.
    source.emitFrame();
    await settle();
    assert.equal(source.finished, 3);
    const warnings = warningsOfNodes();
    assert.equal(warnings.length, 1);
    assert.equal(warnings[0]?.id, 'thrower');
    assert.match(warnings[0]?.msg ?? '', /"my thrower" did not finish a video frame within 0.03 s/);
  });

  it('does not hold a node of ours to the deadline: a paused display may keep a frame', async () => {
    helper.settings({ kafkaVideo: { frameDeadline: 1 } } as never);
    const { source, hold } = await load([
      at('source', 'source', [['hold']]),
      at('hold', 'hold', []),
      at('other', 'source', [['thrower']]),
      at('thrower', 'thrower', []),
    ]);
    const other = helper.getNode('other') as unknown as Source;
    source.emitFrame();
    await hold.whenHeld(1);
    // The deadline of a frame that came later is over.
    other.emitFrame();
    await other.whenFinished(1);
    assert.equal(source.finished, 0);
  });

  it('loses track where a flow strips _msgid: the frame is finished, and the sink is told it is untracked', async () => {
    const { source, hold } = await load([
      at('source', 'source', [['strip']]),
      at('strip', 'change', [['hold']], { rules: [{ t: 'delete', p: '_msgid', pt: 'msg' }] }),
      at('hold', 'hold', []),
    ]);
    source.emitFrame();
    await source.whenFinished(1);
    await hold.whenHeld(1);
    assert.deepEqual(hold.tracked, [false]);
  });

  it('tells a sink that a frame is tracked', async () => {
    const { source, hold } = await load([at('source', 'source', [['hold']]), at('hold', 'hold', [])]);
    source.emitFrame();
    await hold.whenHeld(1);
    assert.deepEqual(hold.tracked, [true]);
  });

  it('finishes frames that are in a node which a deployment removed, as abandoned', async () => {
    const { source, hold } = await load([at('source', 'source', [['hold']]), at('hold', 'hold', [])]);
    source.emitFrame();
    await hold.whenHeld(1);
    const flows = [{ id: 'tab', type: 'tab' }, at('source', 'source', [[]])];
    await helper.setFlows(flows as never, 'nodes');
    await source.whenFinished(1);
    assert.deepEqual(source.outcomes, ['abandoned']);
  });
});

describe('a flow that holds its source', () => {
  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    helper.settings({});
    clock = systemClock;
  });

  function fakeClock(): FakeClock {
    const fake = new FakeClock();
    clock = fake;
    return fake;
  }

  it('is told by the node that has the frames, once nothing has moved for 3 s', async () => {
    const time = fakeClock();
    const { source, hold } = await load([
      at('source', 'source', [['join']], { maxFrames: 3 }),
      join(4, [['hold']], { name: 'four' }),
      at('hold', 'hold', []),
    ]);
    for (let sent = 0; sent < 3; sent += 1) source.emitFrame();
    await settle();
    time.advance(2999);
    assert.equal(source.flow.heldBy, undefined);
    time.advance(1);
    assert.equal(source.flow.heldBy, 'held by four (3 of 3 frames)');
    source.emitFrame();
    await hold.whenHeld(1);
    await settle();
    time.advance(3000);
    assert.equal(source.flow.heldBy, undefined);
  });

  it('is told by the type of a node without a name, and by the memory where that is what is full', async () => {
    const time = fakeClock();
    const { source, hold } = await load([
      at('source', 'source', [['hold']], { maxBytes: 1_000_000 }),
      at('hold', 'hold', []),
    ]);
    source.emitFrame({ payload: Buffer.alloc(400_000) });
    await hold.whenHeld(1);
    time.advance(3000);
    assert.equal(source.flow.heldBy, undefined);
    source.emitFrame({ payload: Buffer.alloc(400_000) });
    await hold.whenHeld(2);
    time.advance(3000);
    assert.equal(source.flow.heldBy, 'held by hold (2 frames, 1 MB)');
  });

  it('does not hold it while it is only slow', async () => {
    const time = fakeClock();
    const { source, hold } = await load([at('source', 'source', [['hold']], { maxFrames: 2 }), at('hold', 'hold', [])]);
    for (let sent = 0; sent < 2; sent += 1) source.emitFrame();
    for (let finished = 0; finished < 5; finished += 1) {
      await hold.whenHeld(finished + 2);
      time.advance(2000);
      assert.equal(source.flow.heldBy, undefined);
      hold.held[finished]?.();
      source.emitFrame();
    }
  });

  it('is told by the node furthest in, for which the others wait', async () => {
    const time = fakeClock();
    const { source, hold } = await load([
      at('source', 'source', [['call']], { maxFrames: 1 }),
      at('call', 'link call', [[]], { linkType: 'static', links: ['in'], timeout: '5' }),
      at('in', 'link in', [['hold']], { links: [] }),
      at('hold', 'hold', [], { name: 'inner' }),
    ]);
    source.emitFrame();
    await hold.whenHeld(1);
    time.advance(3000);
    assert.equal(source.flow.heldBy, 'held by inner (1 of 1 frames)');
  });

  for (const [type, more] of [
    ['join', { mode: 'custom', build: 'array', property: 'payload', propertyType: 'msg', count: '5' }],
    ['batch', { mode: 'count', count: 5, overlap: 0 }],
  ] as const) {
    it(`for ever, with a ${type} of more frames than may be in flight, is told so, and goes on`, async () => {
      helper.settings({ kafkaVideo: { frameDeadline: 100 } } as never);
      const { source, hold } = await load([
        at('source', 'source', [['collector']], { maxFrames: 3, name: 'camera' }),
        at('collector', type, [['hold']], more),
        at('hold', 'hold', []),
      ]);
      for (let sent = 0; sent < 3; sent += 1) source.emitFrame();
      await source.whenFinished(3);
      const [warning] = warningsOfNodes();
      assert.equal(warning?.id, 'collector');
      assert.match(
        warning?.msg ?? '',
        new RegExp(
          `^${type} node collector collects more frames than may be in flight: it has 3, and "Max frames" of ` +
            'source node "camera" is 3\\. Raise that, or collect fewer\\.',
        ),
      );
      // From now on it gets its frames without a wait, also once it has completed a first group.
      let groups = 0;
      for (let sent = 3; sent < 10; sent += 1) {
        source.emitFrame();
        await settle();
        for (const done of hold.held.splice(0)) {
          groups += type === 'join' ? 1 : 1 / 5;
          done();
        }
        assert.equal(source.finished, sent + 1);
      }
      assert.equal(Math.round(groups), 2);
      assert.equal(warningsOfNodes().length, 1);
    });
  }

  it('is waited for again once it was changed', async () => {
    helper.settings({ kafkaVideo: { frameDeadline: 100 } } as never);
    const flow = (count: number) => [
      at('source', 'source', [['join']], { maxFrames: 3 }),
      join(count, [['hold']]),
      at('hold', 'hold', []),
    ];
    const { source } = await load(flow(4));
    for (let sent = 0; sent < 3; sent += 1) source.emitFrame();
    await source.whenFinished(3);
    await helper.setFlows([{ id: 'tab', type: 'tab' }, ...flow(3)] as never, 'nodes');
    const hold = helper.getNode('hold') as unknown as Hold;
    source.emitFrame();
    await settle();
    assert.equal(source.finished, 3);
    for (let sent = 1; sent < 3; sent += 1) source.emitFrame();
    await hold.whenHeld(1);
    hold.held[0]?.();
    assert.equal(source.finished, 6);
  });

  it('for long, with a delay, is told so, and which setting allows it', async () => {
    helper.settings({ kafkaVideo: { frameDeadline: 100 } } as never);
    const { source } = await load([
      at('source', 'source', [['delay']], { maxFrames: 1 }),
      at('delay', 'delay', [[]], { pauseType: 'delay', timeout: '1', timeoutUnits: 'hours', name: 'later' }),
    ]);
    source.emitFrame();
    await source.whenFinished(1);
    assert.match(
      warningsOfNodes()[0]?.msg ?? '',
      /^delay node "later" kept a video frame for more than 0\.1 s: if it is meant to, raise kafkaVideo\.frameDeadline/,
    );
  });

  it('with a node that is not known to throw, is told both possible reasons', async () => {
    helper.settings({ kafkaVideo: { frameDeadline: 100 } } as never);
    const { source } = await load([
      at('source', 'source', [['keep']], { maxFrames: 1 }),
      at('keep', 'function', [[]], {
        ...{ func: 'node.send([]); return new Promise(() => {})', outputs: 1, libs: [] },
      }),
    ]);
    source.emitFrame();
    await source.whenFinished(1);
    assert.match(
      warningsOfNodes()[0]?.msg ?? '',
      /it threw, never calls done, or waits for more frames than fit \(it has 1, and "Max frames" of source node source is 1\)/,
    );
  });
});

describe('a source of frames', () => {
  // Without Node-RED: the test helper itself remembers every message sent.
  it('keeps no finished frame in memory', async () => {
    const hooks = new Map<string, (event: object) => void>();
    const RED = {
      util: { generateId: () => String(Math.random()) },
      events: { on() {}, removeListener() {} },
      settings: {},
      hooks: { add: (name: string, call: () => void) => hooks.set(name.split('.')[0] as string, call), remove() {} },
    };
    const sink = { id: 'sink', _inputCallback: (_msg: unknown, _send: unknown, _done: unknown) => {} };
    const send = (msg: NodeMessage) => {
      const event = { msg, destination: { id: sink.id, node: sink }, node: { id: sink.id } };
      for (const hook of ['preDeliver', 'onReceive', 'postReceive', 'onComplete']) hooks.get(hook)?.(event);
    };
    const flow = openSourceFlow(RED as unknown as NodeAPI, { id: 'source', send } as unknown as Node, {
      maxFrames: 30,
      maxBytes: 64e6,
    });
    const before = process.memoryUsage().arrayBuffers;
    let finished = 0;
    let most = 0;
    for (let sent = 1; sent <= 200; sent += 1) {
      noteFrameMemory(1e6);
      flow.send({ payload: Buffer.alloc(1e6) } as NodeMessage, () => {
        finished += 1;
      });
      assert.equal(finished, sent);
      await new Promise(setImmediate);
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    flow.close();
    assert.ok(most < 16e6, `${most} bytes were kept`);
  });
});
