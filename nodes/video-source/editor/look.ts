import type { Dialog } from '../../common/editor/dialog';
import type { OptionsTable } from './input-options';

/** The runtime's description of a source. */
interface Found {
  width: number;
  height: number;
  codec: string;
  fps?: number;
  /** Ms. */
  duration?: number;
  /** Whether it goes on for as long as it is watched, as far as it tells. */
  live: boolean;
  /** Degrees. */
  rotation?: number;
  videos: number;
  /** Of an adaptive stream, the largest first. */
  variants?: Variant[];
  ffmpeg: string;
  ffmpegVersion: string;
  /** A JPEG in base64. */
  thumbnail?: string;
}

interface Variant {
  name: string;
  width: number;
  height: number;
  /** Bits per second. */
  bitrate: number;
}

/** The properties that affect the preview, besides the source. */
const asked = ['start', 'videoStream', 'variant', 'deinterlace', 'hwaccel', 'stallTimeout', 'transport'];

/** Makes the Preview button show what a source contains before it is deployed. */
export function prepareLook(node: EditorNode, dialog: Dialog, table: OptionsTable): void {
  const source = dialog.field('source');
  const button = $('#video-source-look');
  const facts = $('#video-source-facts');
  const thumbnail = $('#video-source-thumbnail');

  // The editor cannot know the contents of messages or context.
  const isKnown = () =>
    ['str', 'env', 'camera'].includes(source.typedInput('type')) && source.typedInput('value') !== '';
  const update = () => void button.prop('disabled', !isKnown());
  source.on('change', update);
  update();

  button.on('click', () => {
    button.prop('disabled', true);
    thumbnail.hide();
    facts.text(node._('video-source.look.looking'));
    $('#video-source-looked').show();
    const login = { user: dialog.value('user'), password: dialog.value('password') };
    const request = {
      id: node.id,
      ...(source.typedInput('type') === 'camera' ? login : {}),
      live: dialog.isChecked('live'),
      inputOptions: table.options,
      source: source.typedInput('value'),
      sourceType: source.typedInput('type'),
      ...Object.fromEntries(asked.map((name) => [name, dialog.value(name)])),
    };
    $.ajax({ url: 'video-source/look', method: 'POST', contentType: 'application/json', data: JSON.stringify(request) })
      .done((found: Found) => {
        facts
          .empty()
          .append(describe({ ...found, live: found.live || request.live }, node).map((line) => $('<div>').text(line)));
        offerVariants(found.variants ?? []);
        if (found.thumbnail) thumbnail.attr('src', `data:image/jpeg;base64,${found.thumbnail}`).show();
      })
      .fail(({ responseJSON, statusText }) => void facts.text(responseJSON?.message || statusText))
      .always(update);
  });
}

/** Lists them in the field where one is chosen. */
function offerVariants(variants: Variant[]): void {
  const options = variants.map((variant) => $('<option>').attr({ value: variant.name, label: variantText(variant) }));
  $('#video-source-variants').empty().append(options);
}

/** `1280 × 720 (2.15 Mbit/s)` */
function variantText({ width, height, bitrate }: Variant): string {
  return `${width} × ${height} (${round(bitrate / 1e6)} Mbit/s)`;
}

/** The description as lines of text. */
function describe(found: Found, node: EditorNode): string[] {
  const { width, height, codec, fps, duration, live, rotation, videos, variants, ffmpeg, ffmpegVersion } = found;
  const text = (key: string, values?: object) => node._(`video-source.look.${key}`, values);
  return [
    `${width} × ${height}, ${codec}${fps ? `, ${round(fps)} fps` : ''}`,
    duration ? text('duration', { seconds: round(duration / 1000) }) : text(live ? 'live' : 'endless'),
    ...(rotation ? [text('rotation', { rotation })] : []),
    ...(variants !== undefined
      ? [text('variants', { variants: variants.map((variant) => variantText(variant)).join(', ') })]
      : videos > 1
        ? [text('videos', { videos })]
        : []),
    `ffmpeg ${ffmpegVersion} (${ffmpeg})`,
  ];
}

const round = (number: number) => Math.round(number * 100) / 100;
