/** The commands; the menu and the shortcuts in `schema/plugin.json` name them too. */
export const CommandIDs = {
  stop: 'codeact:stop',
  runProposal: 'codeact:run-proposal',
  rejectProposal: 'codeact:reject-proposal',
  approveRest: 'codeact:approve-rest',
  continueFrom: 'codeact:continue-from',
  showEarlier: 'codeact:show-earlier',
  removeTurn: 'codeact:remove-turn',
  tidyTurn: 'codeact:tidy-turn',
  newPrompt: 'codeact:new-prompt',
  settings: 'codeact:settings'
} as const;
