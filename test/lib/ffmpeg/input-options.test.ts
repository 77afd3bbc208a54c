import assert from 'node:assert/strict';
import { optionErrorOf, readInputOptions } from '../../../lib/ffmpeg/input-options';
import { parseOptions } from '../../../lib/ffmpeg/options';
import { resolveSource } from '../../../lib/source/resolve';
import { bunny, root } from '../../support/media';

describe('input options', () => {
  it('are names and values, of which blank rows are left out', () => {
    const given = [
      { name: 'probesize', value: '100000' },
      { name: '-fflags', value: '+nobuffer-genpts' },
      { name: ' ', value: '' },
    ];
    assert.deepEqual(readInputOptions(given), ['-probesize', '100000', '-fflags', '+nobuffer-genpts']);
    for (const none of [undefined, null, '', []]) assert.deepEqual(readInputOptions(none), []);
  });

  for (const name of [
    ...['protocol_whitelist', 'format_whitelist', 'listen', 'timeout', 'listen_timeout', 'localaddr', 'http_proxy'],
    ...['filter_complex', 'lavfi', 'i', 'y', 'map', 'dump_extra', 'enable_drefs', 'use_absolute_path', 'safe', 'key'],
    ...[
      'allowed_extensions',
      'ca_file',
      'cert_file',
      'post_data',
      'progress',
      'report',
      'f ',
      'constructor',
      '',
      'a b',
    ],
  ]) {
    it(`may not have "${name}"`, () => {
      const read = () => readInputOptions([{ name, value: name === 'f ' ? 'concat' : '1' }]);
      assert.throws(read, { code: 'BAD_OPTION', message: /^The input option ".*" .*: (?:remove it|enter )/ });
    });
  }

  for (const [name, value] of [
    ['probesize', '-1'],
    ['probesize', '1e9'],
    ['fflags', '+nobuffer+shortest'],
    ['rtsp_flags', 'listen'],
    ['user_agent', 'a\r\nX: y'],
    ['f', 'lavfi'],
    ['video_size', '1x1,movie=a'],
    ['framerate', ''],
  ]) {
    it(`may not have ${JSON.stringify(value)} for ${name}, and the error says what it takes`, () => {
      const message = new RegExp(`^The input option "${name}" cannot have this value: enter `);
      assert.throws(() => readInputOptions([{ name, value }]), { code: 'BAD_OPTION', message });
    });
  }

  it('name the field that is there for it', () => {
    const message = 'The input option "rtsp_transport" is not one that may be given: choose the Transport instead';
    assert.throws(() => readInputOptions([{ name: 'rtsp_transport', value: 'tcp' }]), { message });
  });

  it('are a list, or the error says so', () => {
    assert.throws(() => parseOptions({ inputOptions: '-re' }), { code: 'BAD_OPTION', message: /not a list/ });
    assert.throws(() => readInputOptions([null, 5, 'x', { name: {} }]), { code: 'BAD_OPTION' });
  });

  it('come before what folders and hosts allow, which so has the last word', async () => {
    const rules = { folders: [root], trusted: true, inputOptions: ['-probesize', '64'], allowedFolders: ['/'] };
    const { inputOptions } = await resolveSource(bunny, rules);
    assert.deepEqual(inputOptions.slice(0, 3), ['-probesize', '64', '-format_whitelist']);
  });

  it('give no device or pattern another format, by which it would be a path', async () => {
    for (const source of ['v4l2:/etc/passwd', 'lavfi:testsrc']) {
      const resolved = resolveSource(source, { folders: [], trusted: true, inputOptions: ['-f', 'mjpeg'] });
      await assert.rejects(resolved, { code: 'BAD_OPTION', message: /The input option "f" is for files and URLs/ });
    }
  });

  it('that a source does not have are named by the error', () => {
    for (const words of ['Option strict_mime_boundary not found.', "Unrecognized option 'icy'.\nError splitting"]) {
      assert.match(
        optionErrorOf(words, 'cam')?.message ?? '',
        /no input option "(?:strict_mime_boundary|icy)" for cam: remove/,
      );
    }
    assert.equal(optionErrorOf('Option b not found', 'cam'), undefined);
  });
});
