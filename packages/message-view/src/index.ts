export { viewAssets } from './assets.ts';
export { type Fields, isFields } from './fields.ts';
export { viewHtml } from './html.ts';
export { viewText } from './medium.ts';
export type { Reader } from './moment.ts';
export { longestSlackText, type SlackMessageView, viewSlackMessage } from './slack-message.ts';
export {
  linked,
  mentionsIn,
  plainText,
  VIEW_STYLES,
  VIEW_TAGS,
  type ViewAction,
  type ViewElement,
  type ViewNode,
  view,
} from './view.ts';
