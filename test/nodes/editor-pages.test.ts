import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadEditorPage } from '../support/editor-page';

/** DESIGN's names and defaults: flows are saved with them. */
const pages: { type: string; folder?: string; properties: Record<string, unknown> }[] = [
  {
    type: 'kafka-frame-broker',
    properties: {
      ...{ name: '', brokers: 'localhost:9092', clientId: '', tls: undefined },
      ...{ saslMechanism: 'none', tokenUrl: '', scope: '', connectionTimeout: 3000, requestTimeout: 15000 },
    },
  },
  {
    type: 'kafka-frame-out',
    properties: {
      ...{ name: '', broker: '', topic: 'video-frames', topicType: 'str', key: '', keyType: 'str' },
      ...{ acks: '1', idempotent: false, compression: 'none', maxRecordBytes: 1000000, oversize: 'shrink', linger: 0 },
      ...{ createTopic: true, partitions: '', replication: '', retention: '' },
    },
  },
  {
    type: 'kafka-frame-in',
    properties: {
      ...{ name: '', broker: '', topic: 'video-frames', group: '', stream: '', pictures: 'source' },
      ...{ from: 'resume', fromTime: '', fromOffset: '', commit: 'auto', commitInterval: 5000 },
      ...{ maxDelay: '', keepUp: '' },
      ...{ maxFrames: 30, maxMegabytes: 64 },
    },
  },
  {
    type: 'video-source',
    properties: {
      ...{ name: '', source: '', sourceType: 'str', stream: '', fps: '', width: '', height: '', quality: 90 },
      ...{ start: '', end: '', loop: false, realtime: false, autostart: false, whenBusy: 'replace', pictures: 'jpeg' },
      ...{
        deinterlace: 'auto',
        squarePixels: true,
        videoStream: '',
        variant: '',
        hwaccel: '',
        stallTimeout: '',
        transport: 'auto',
        live: false,
        follow: false,
        every: '',
        inputOptions: [],
        maxFrames: 30,
        maxMegabytes: 64,
      },
    },
  },
  {
    type: 'ui-frame-display',
    folder: 'frame-display',
    properties: {
      ...{ name: '', group: undefined, order: 0, width: 0, height: 0, pacing: 'source', interval: 16, speed: 1 },
      ...{ stream: '', fit: 'contain', controls: true, overlay: false, wall: false, tellShown: false, timeout: 20 },
      ...{ viewers: 'all', overlayPosition: 'top-left', maxDelay: 2000 },
      ...{ figures: 'state,stream,time,frame,size,fps,dropped,latency', passthru: false },
    },
  },
];

for (const { type, folder: name = type, properties } of pages) {
  describe(`${type} in the editor`, () => {
    const { folder, html, definition, textOf, missing, globals } = loadEditorPage(type, name);
    const help = readFileSync(join(folder, 'locales', 'en-US', `${name}.html`), 'utf8');
    const defaults = Object.entries(definition?.defaults ?? {});

    it('has the agreed properties and defaults', () => {
      // Cloned, for the page has an Array of its own.
      const values = defaults.map(([property, { value }]) => [property, structuredClone(value)]);
      assert.deepEqual(Object.fromEntries(values), properties);
    });

    it('accepts its own defaults', () => {
      for (const [property, { value, validate }] of defaults) {
        assert.equal(validate === undefined || validate.call(properties, value, {}), true, property);
      }
    });

    it('has a text for every key it uses', () => {
      const keys = [...html.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map(([, key]) => key as string);
      assert.ok(keys.length > 5);
      // Node-RED's own texts are not checked.
      for (const key of keys) if (!key.startsWith('node-red:')) assert.equal(typeof textOf(key), 'string', key);
      const sections = [...html.matchAll(/data-section="(\w+)"/g)].map(([, section]) => section);
      for (const section of sections) assert.equal(typeof textOf(`${type}.section.${section}`), 'string', section);
      // Includes the texts of validators.
      for (const [, { validate }] of defaults) validate?.call(properties, 'x y', { label: 'Property' });
      assert.deepEqual(missing, []);
    });

    it('has a field for every property', () => {
      for (const property of Object.keys(properties)) {
        assert.match(html, new RegExp(`id="node-(config-)?input-${property}"|data-property="${property}"`));
      }
    });

    it('has help and an icon', () => {
      assert.match(help, new RegExp(`data-help-name="${type}"`));
      assert.match(readFileSync(join(folder, 'icons', definition?.icon ?? ''), 'utf8'), /viewBox="0 0 40 60"/);
    });

    it('creates no globals', () => {
      assert.deepEqual(globals(), { page: ['RED', '$'], red: ['_', 'nodes', 'editor', 'validators'] });
    });
  });
}
