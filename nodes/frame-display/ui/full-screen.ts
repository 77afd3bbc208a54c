import { onBeforeUnmount, onMounted, type Ref, ref } from 'vue';

/** Full screen for one element. */
export function useFullScreen(element: Ref<HTMLElement | undefined>) {
  const isFullScreen = ref(false);
  const note = () => {
    isFullScreen.value = element.value !== undefined && document.fullscreenElement === element.value;
  };
  onMounted(() => document.addEventListener('fullscreenchange', note));
  onBeforeUnmount(() => document.removeEventListener('fullscreenchange', note));
  function toggle() {
    if (isFullScreen.value) void document.exitFullscreen();
    else void element.value?.requestFullscreen?.();
  }
  return { isFullScreen, toggle };
}
