// Nodes for flows under test. Plain JavaScript: Node-RED loads this folder as it is (settings.nodesDir).
module.exports = (RED) => {
  // Tells the test process what passes, without the image itself, and finishes it at once.
  RED.nodes.registerType('test-probe', function Probe(config) {
    RED.nodes.createNode(this, config);
    this.on('input', (msg, _send, done) => {
      const { payload, req: _req, res: _res, ...rest } = msg;
      const seen = Buffer.isBuffer(payload) ? { ...rest, bytes: payload.length } : { ...rest, payload };
      process.send({ seen: { probe: config.id, at: Date.now(), msg: JSON.parse(JSON.stringify(seen)) } });
      done();
    });
  });

  // Counts what passes and tells once, when `count` messages have come: for benchmarks, where telling each would cost.
  RED.nodes.registerType('test-count', function Count(config) {
    RED.nodes.createNode(this, config);
    let first;
    let seen = 0;
    let bytes = 0;
    this.on('input', (msg, _send, done) => {
      first ??= performance.now();
      seen += 1;
      bytes += Buffer.isBuffer(msg.payload) ? msg.payload.length : (msg.payload?.bytes ?? 0);
      if (seen === config.count) {
        const ms = performance.now() - first;
        process.send({ seen: { probe: config.id, at: Date.now(), msg: { count: seen, bytes, ms } } });
        first = undefined;
        seen = 0;
        bytes = 0;
      }
      done();
    });
  });

  // Tells whoever started this runtime that its flows run.
  RED.events.on('flows:started', () => process.send?.({ started: true }));
};
