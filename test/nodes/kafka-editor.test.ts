import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';

/** DESIGN's names and defaults: flows are saved with them. */
const properties: Record<string, Record<string, unknown>> = {
  'kafka-frame-broker': {
    name: '',
    brokers: 'localhost:9092',
    clientId: '',
    tls: undefined,
    saslMechanism: 'none',
    tokenUrl: '',
    scope: '',
    connectionTimeout: 3000,
    requestTimeout: 30000,
  },
  'kafka-frame-out': {
    name: '',
    broker: '',
    topic: 'video-frames',
    topicType: 'str',
    key: '',
    keyType: 'str',
    acks: '1',
    idempotent: false,
    compression: 'none',
    maxRecordBytes: 1000000,
    oversize: 'shrink',
    linger: 0,
    createTopic: true,
    partitions: '',
    replication: '',
    retention: '',
  },
  'kafka-frame-in': {
    name: '',
    broker: '',
    topic: 'video-frames',
    group: '',
    from: 'resume',
    fromTime: '',
    fromOffset: '',
    stream: '',
    commit: 'auto',
    commitInterval: 5000,
    keepUp: '',
    maxFrames: 30,
    maxMegabytes: 64,
  },
};

interface Definition {
  defaults: Record<string, { value?: unknown; validate?: (this: object, value: unknown) => boolean }>;
  icon: string;
}

for (const [type, expected] of Object.entries(properties)) {
  describe(`${type} in the editor`, () => {
    const folder = join(__dirname, '..', '..', 'nodes', type);
    const html = readFileSync(join(folder, `${type}.html`), 'utf8');
    const catalogue = JSON.parse(readFileSync(join(folder, 'locales', 'en-US', `${type}.json`), 'utf8'));
    const help = readFileSync(join(folder, 'locales', 'en-US', `${type}.html`), 'utf8');
    const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
    let definition: Definition | undefined;
    runInNewContext(script, {
      RED: {
        nodes: {
          registerType(name: string, given: Definition) {
            if (name === type) definition = given;
          },
        },
      },
    });

    it('has the agreed properties and defaults', () => {
      const defaults = Object.entries(definition?.defaults ?? {}).map(([name, { value }]) => [name, value]);
      assert.deepEqual(Object.fromEntries(defaults), expected);
    });

    it('accepts its own defaults', () => {
      for (const [name, { value, validate }] of Object.entries(definition?.defaults ?? {})) {
        assert.ok(validate === undefined || validate.call(expected, value), name);
      }
    });

    it('has a text for every key it uses', () => {
      const keys = [...html.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map(([, key]) => key as string);
      assert.ok(keys.length > 5);
      for (const key of keys) {
        const text = key.split('.').reduce((node, part) => node?.[part], catalogue);
        assert.equal(typeof text, 'string', key);
      }
    });

    it('has a field for every property', () => {
      for (const name of Object.keys(expected)) assert.match(html, new RegExp(`id="node-(config-)?input-${name}"`));
    });

    it('has help and an icon', () => {
      assert.match(help, new RegExp(`data-help-name="${type}"`));
      assert.match(readFileSync(join(folder, 'icons', definition?.icon ?? ''), 'utf8'), /viewBox="0 0 40 60"/);
    });
  });
}
