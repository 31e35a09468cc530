// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TestBase} from "@layerzerolabs/toolbox-foundry/lib/forge-std/Base.sol";
import {StdAssertions} from "@layerzerolabs/toolbox-foundry/lib/forge-std/StdAssertions.sol";
import {StdCheats} from "@layerzerolabs/toolbox-foundry/lib/forge-std/StdCheats.sol";
import {StdInvariant} from "@layerzerolabs/toolbox-foundry/lib/forge-std/StdInvariant.sol";
import {StdUtils} from "@layerzerolabs/toolbox-foundry/lib/forge-std/StdUtils.sol";

/// @notice Base of every Solidity test.
/// @dev forge-std's `Test` without `safeconsole`, whose assembly annotations warn under newer compilers.
abstract contract BaseTest is TestBase, StdAssertions, StdCheats, StdInvariant, StdUtils {
    /// @dev The runner recognises a test contract by this flag; forge-std fixes its name.
    bool public IS_TEST = true;
}
