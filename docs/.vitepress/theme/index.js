import DefaultTheme from "vitepress/theme-without-fonts";

import Console from "./Console.vue";
import "./style.css";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("Console", Console);
  },
};
