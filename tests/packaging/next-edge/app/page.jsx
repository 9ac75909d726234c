"use client";

import { useEffect } from "react";
import { report } from "../program.js";

export default function Page() {
  useEffect(() => {
    report(fetch(`/edge${location.search}`).then((answer) => answer.text()));
  }, []);
  return <p>The edge route tells.</p>;
}
