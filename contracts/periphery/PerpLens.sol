// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BookViews} from "./lens/BookViews.sol";
import {PositionViews} from "./lens/PositionViews.sol";
import {Previews} from "./lens/Previews.sol";

/// @title PerpLens
/// @notice Everything a screen, keeper or auditor asks, read-only and batched. See IPerpLens. Table of contents:
/// - PositionViews: positions, positionsAt, prices, pricesIf, risk, riskAt, deficiency, explain, idsOf
/// - BookViews: solvency, stress, status
/// - Previews: previewTrade, previewCollateral, previewLiquidations, deleveragePreview
/// - LensReads: how a position is judged.
contract PerpLens is PositionViews, BookViews, Previews {}
