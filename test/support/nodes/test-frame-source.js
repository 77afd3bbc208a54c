const { join } = require('node:path');
const sharp = require('sharp');

/**
 * A source of frames that can be told apart by their pixels: sends `count` frames at `fps`, at most `window` of them
 * unfinished, like the real sources. The number of each is burnt in as 12 black or white fields along the top edge
 * (lowest bit left), and in figures. Starts at once with `autostart`, and anew on every message.
 * With `period`, so many pictures are painted beforehand and used over and over (the number burnt in is that modulo the
 * period), so that painting does not compete with what is measured. `noise` makes images as large as real ones.
 * With `isSteady`, a frame comes each time one is due, as from a camera.
 * With `live`, they are a camera's, with what keeps them until they are read: each is of the moment at which it was due.
 * With `topic`, frames look like out of Kafka, and a message with `action: 'seek'` goes on from the first frame.
 */
module.exports = (RED) => {
  const { openSourceFlow } = require(join(__dirname, '../../../dist/nodes/common/flow-control.js'));

  RED.nodes.registerType('test-frame-source', function FrameSource(config) {
    RED.nodes.createNode(this, config);
    const { count = 100, fps = 25, window = 30, width = 320, height = 180, stream = 'test', endless = false } = config;
    const { period = 0, noise = 0, topic, isSteady = false, live = false } = config;
    const flow = openSourceFlow(RED, this, { maxFrames: window, maxBytes: Infinity });
    let run = 0;
    let painted;

    const play = async () => {
      run += 1;
      const mine = run;
      if (period > 0) {
        painted ??= Promise.all(Array.from({ length: period }, (_, seq) => paint(seq, width, height, noise)));
        await painted;
      }
      const begin = performance.now();
      const beganAt = Date.now();
      let unfinished = 0;
      let wake = () => {};
      for (let seq = 0; seq < count || endless; seq += 1) {
        const payload = period > 0 ? (await painted)[seq % period] : await paint(seq, width, height, noise);
        while (unfinished >= window) await new Promise((resolve) => (wake = resolve));
        if (isSteady || live)
          await new Promise((resolve) => setTimeout(resolve, begin + (seq * 1000) / fps - performance.now()));
        if (mine !== run) return;
        const frame = {
          ...{ stream, session: `${stream}-${mine}`, seq, pts: (seq * 1000) / fps, duration: 1000 / fps },
          ...{ time: live ? beganAt + (seq * 1000) / fps : Date.now(), width, height, codec: 'jpeg' },
          ...(live ? { live } : {}),
          ...(seq === count - 1 && !endless ? { last: true } : {}),
        };
        unfinished += 1;
        const kafka = topic === undefined ? {} : { kafka: { topic, partition: 0, offset: String(seq) } };
        flow.send({ payload, topic: stream, frame, ...kafka }, () => {
          unfinished -= 1;
          wake();
        });
      }
    };

    const fail = (error) => this.error(error);
    this.on('input', (_msg, _send, done) => {
      play().catch(fail);
      done();
    });
    this.on('close', () => {
      run = -1;
      flow.close();
    });
    if (config.autostart) play().catch(fail);
  });
};

async function paint(seq, width, height, noise) {
  const field = width / 12;
  const fields = Array.from({ length: 12 }, (_, bit) => {
    const colour = (seq >> bit) & 1 ? 'white' : 'black';
    return `<rect x="${bit * field}" y="0" width="${field}" height="${field}" fill="${colour}"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="sky" x1="0" y1="0" x2="1" y2="1">
      <stop offset="0" stop-color="hsl(${(seq * 2) % 360},60%,45%)"/><stop offset="1" stop-color="#17324d"/>
    </linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#sky)"/>
    <circle cx="${((seq * 3) % 100) * (width / 100)}" cy="${height * 0.7}" r="${height / 9}" fill="#ffd54f"/>
    <text x="50%" y="60%" text-anchor="middle" font-family="sans-serif" font-size="${height / 3}" fill="white">${seq}</text>
    ${fields.join('')}</svg>`;
  if (noise === 0) return sharp(Buffer.from(svg)).jpeg({ quality: 85 }).toBuffer();
  // Below the fields, which have to stay black and white.
  const top = Math.ceil(field);
  const create = { width, height: height - top, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: noise } };
  const grain = await sharp({ create }).png().toBuffer();
  return sharp(Buffer.from(svg))
    .composite([{ input: grain, top, left: 0, blend: 'soft-light' }])
    .jpeg({ quality: 85 })
    .toBuffer();
}
