const { join } = require('node:path');

/**
 * A source of compressed video: sends the packets of the file `clip` as they are, in a new session for each message, at most
 * `window` of them unfinished. The message's payload may say otherwise: { clip, from, without }. From `from` on, in ms of
 * `pts`, what comes before it in its group is sent as preroll. Packets whose number is among `without` are lost on the way.
 * With `isSteady`, each comes when it is to be decoded, as from a camera.
 */
module.exports = (RED) => {
  const { openSourceFlow } = require(join(__dirname, '../../../dist/nodes/common/flow-control.js'));
  const { packetsOf } = require(join(__dirname, '../../../dist/test/support/packets.js'));

  RED.nodes.registerType('test-packet-source', function PacketSource(config) {
    RED.nodes.createNode(this, config);
    const { window = 30, stream = 'test', isSteady = false } = config;
    const flow = openSourceFlow(RED, this, { maxFrames: window, maxBytes: Infinity });
    let run = 0;

    const play = async ({ clip = config.clip, from = 0, without = [] }) => {
      run += 1;
      const mine = run;
      const packets = await packetsOf(clip, stream);
      const begin = packets.findLastIndex(({ frame }) => frame.key && frame.pts <= from);
      const startedAt = performance.now();
      let unfinished = 0;
      let wake = () => {};
      for (const { frame, data: payload } of packets.slice(begin)) {
        if (without.includes(frame.seq)) continue;
        while (unfinished >= window) await new Promise((resolve) => (wake = resolve));
        const wait = startedAt + frame.dts - packets[begin].frame.dts - performance.now();
        if (isSteady) await new Promise((resolve) => setTimeout(resolve, wait));
        if (mine !== run) return;
        const isPreroll = frame.pts < from;
        const isLast = frame.seq === packets.length - 1;
        const sent = {
          ...{ ...frame, session: `${stream}-${mine}`, time: Date.now() },
          ...(isPreroll && { preroll: true }),
          ...(isLast && { last: true }),
        };
        unfinished += 1;
        flow.send({ payload, topic: stream, frame: sent }, () => {
          unfinished -= 1;
          wake();
        });
      }
    };

    const fail = (error) => this.error(error);
    this.on('input', (msg, _send, done) => {
      play(typeof msg.payload === 'object' ? msg.payload : {}).catch(fail);
      done();
    });
    this.on('close', () => {
      run = -1;
      flow.close();
    });
  });
};
