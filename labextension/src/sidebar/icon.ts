/** The icon of the sidebar's tab. */
import { LabIcon } from '@jupyterlab/ui-components';

export const chatIcon = new LabIcon({
  name: 'codeact:chat',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16">' +
    '<path class="jp-icon3" fill="#616161" d="M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H9l-5 4v-4' +
    'a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm6.6 3.6L9.2 5.2 4 10.5l5.2 5.3 1.4-1.4-3.8-3.9zm2.8 0' +
    ' 3.8 3.9-3.8 3.9 1.4 1.4 5.2-5.3-5.2-5.3z"/></svg>'
});
