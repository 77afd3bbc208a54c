import css from './style.css?inline';
import UIFrameDisplay from './UIFrameDisplay.vue';

// Dashboard loads a widget's script and nothing else, so the script brings its style along.
const styleId = 'frame-display-style';
if (document.getElementById(styleId) === null) {
  const style = document.createElement('style');
  style.id = styleId;
  style.textContent = css;
  document.head.append(style);
}

export { UIFrameDisplay };
