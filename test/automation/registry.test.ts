import { expect } from "chai";
import { openAutomation } from "../shared/automation.ts";
import { openMarket } from "../shared/market.ts";

describe("Chainlink's registry in the tests", () => {
  it("is the real one", async () => {
    const desk = await openMarket();
    const { registry, register, check } = await openAutomation(desk);
    expect(await registry.typeAndVersion()).to.equal("AutomationRegistry 2.3.0");
    const id = await register({ target: await desk.market.getAddress() });
    expect((await check(id)).reason).to.equal("CheckReverted");
  });
});
