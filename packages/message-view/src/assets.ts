/**
 * What a page needs to draw views: the script that makes DOM of them, and the style sheet of their looks. They lie
 * beside the sources and beside the build, so that both find them at the same place.
 */
export const viewAssets = {
  script: new URL('../assets/view.js', import.meta.url),
  styles: new URL('../assets/view.css', import.meta.url),
} as const;
