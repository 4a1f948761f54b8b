/* The button of the filter popover says the number of the choice that stands now, or none. */
(() => {
  "use strict";
  const WAITING = "Show customers";
  let choice = 0; // one more with every change, over all openings of the popover

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    spendboardFilter: {
      changed: () => [(choice += 1), WAITING, "true"],
      // Counts may come late and out of order: that of an older choice says nothing any more.
      counted: (count) => {
        const none = window.dash_clientside.no_update;
        return count && count.choice === choice ? [count.words, "false"] : [none, none];
      },
    },
  });
})();
