import DefaultTheme from "vitepress/theme-without-fonts";
import { h } from "vue";

import Console from "./Console.vue";
import NotFound from "./NotFound.vue";
import RunExample from "./RunExample.vue";
import "./style.css";
import "./home.css";

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { "not-found": () => h(NotFound) }),
  enhanceApp({ app }) {
    app.component("Console", Console);
    app.component("RunExample", RunExample);
  },
};
