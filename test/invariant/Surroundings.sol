// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {Errors} from "../../contracts/libraries/Errors.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {HistoryAggregator} from "../../contracts/mocks/HistoryAggregator.sol";
import {UnrulyToken} from "../../contracts/mocks/UnrulyToken.sol";
import {Carry, Position} from "../../contracts/types/Position.sol";
import {Effects} from "./Effects.sol";

/// @notice What happens around the trades: money comes to pool and insurance and goes, the price moves or fails, time
/// passes. Each action checks its own effects.
abstract contract Surroundings is Effects {
    /* POOL AND INSURANCE */

    function deposit(uint256 who, uint256 amount, uint256 hooked) external {
        address provider = _providers[who % 2];
        amount = _bound(amount, 1, 500_000 * unit);
        _fund(provider, amount);
        Picture memory w = _take();
        uint256 preview = pool.previewDeposit(amount);
        uint256 max = pool.maxDeposit(provider);
        if (hooked % 4 == 0) _armAgainstPool();
        vm.prank(provider);
        try pool.deposit(amount, provider) returns (uint256 shares) {
            assertEq(shares, preview, "the preview is exact");
            assertGe(max, amount, "maxDeposit is kept");
            _reach("deposited");
            _checkShareValue(w);
        } catch (bytes memory reason) {
            if (w.fresh) {
                assertTrue(amount > max || preview == 0, "I26: a deposit failed");
                bytes4[3] memory allowed = [
                    Errors.PoolInsolvent.selector,
                    Errors.PoolAmountTooSmall.selector,
                    ERC4626.ERC4626ExceededMaxDeposit.selector
                ];
                _requireError(reason, allowed);
            } else _requireOracleError(reason);
        }
        _disarm();
        _checkOthers(w, new uint256[](0));
    }

    function insure(uint256 amount) external {
        amount = _bound(amount, 1, 5_000 * unit);
        _fund(_donor, amount);
        Picture memory w = _take();
        vm.prank(_donor);
        insurance.donate(amount);
        assertEq(insurance.available(), w.insurance + amount, "I29: a donation arrives");
        _checkOthers(w, new uint256[](0));
        _checkShareValue(w);
    }

    /// @notice Tokens sent past the entrances change nobody's worth; skimming gives the vault's to insurance.
    function donate(uint256 amount, uint256 to) external {
        amount = _bound(amount, 1, 1_000 * unit);
        Picture memory w = _take();
        address target = [address(vault), address(pool), address(insurance)][to % 3];
        token.mint(target, amount);
        if (to % 3 == 0) donatedToVault += amount;
        else if (to % 3 == 1) donatedToPool += amount;
        else donatedToInsurance += amount;
        assertEq(pool.netAssetValue(w.price), w.value, "A45: a donation moved the share price");
        assertEq(insurance.available(), w.insurance, "a donation counts only when skimmed");
        _checkOthers(w, new uint256[](0));
    }

    function housekeep(uint256 what) external {
        Picture memory w = _take();
        if (what % 4 == 0) pool.collect();
        else if (what % 4 == 1) insurance.collect();
        else if (what % 4 == 2) {
            assertEq(vault.skim(), donatedToVault, "I01: the surplus is what was donated");
            if (donatedToVault != 0) _reach("skimmed");
            assertEq(insurance.available(), w.insurance + donatedToVault, "skimmed to insurance");
            donatedToVault = 0;
        } else {
            market.accrue();
            bytes32 stored = keccak256(abi.encode(market.carry()));
            market.accrue();
            assertEq(keccak256(abi.encode(market.carry())), stored, "I32: accruing twice");
        }
        assertEq(pool.poolAssets(), w.poolAssets, "housekeeping moves no money");
        _checkOthers(w, new uint256[](0));
        _checkShareValue(w);
    }

    /// @notice I32: carry does not depend on how often it was brought up to date, but for rounding.
    function accrueInSteps(uint256 first, uint256 second) external {
        (uint256 price, , ) = oracle.peek();
        if (price == 0) return;
        market.accrue();
        roundings += 3;
        // Not block.timestamp: the optimiser reads it anew after each warp.
        uint256 start = vm.getBlockTimestamp();
        first = _bound(first, 1, 30 days);
        second = _bound(second, 1, 30 days);
        uint256 state = vm.snapshotState();
        vm.warp(start + first);
        market.accrue();
        vm.warp(start + first + second);
        Carry memory inSteps = market.carryAt(price);
        vm.revertToState(state);
        vm.warp(start + first + second);
        Carry memory atOnce = market.carryAt(price);
        vm.warp(start);
        // A unit of the integral is worth the price over 10^18 in index.
        uint256 slack = 4 * (price / 1e18 + 1);
        assertApproxEqAbs(inSteps.longIndex, atOnce.longIndex, slack, "I32: long index");
        assertApproxEqAbs(inSteps.shortIndex, atOnce.shortIndex, slack, "I32: short index");
        assertEq(inSteps.fundingRate, atOnce.fundingRate, "I32: funding rate");
    }

    function claim(uint256 who, uint256 amount) external {
        address account = accounts[who % accounts.length];
        uint256 owed = vault.claimOf(account);
        if (owed == 0) return;
        amount = _bound(amount, 1, owed);
        Picture memory w = _take();
        uint256 wallet = token.balanceOf(account);
        vm.prank(account);
        try vault.claim(account, amount) {
            assertEq(token.balanceOf(account), wallet + amount, "I26: a claim is paid whole");
            if (who % accounts.length < TRADERS) _reach("claimed after a failed push");
        } catch (bytes memory reason) {
            assertTrue(token.blocked(account), "I26: a claim failed");
            _requireError(reason, [UnrulyToken.Blocked.selector, bytes4(0), bytes4(0)]);
        }
        _checkOthers(w, new uint256[](0));
        _checkShareValue(w);
    }

    function setBlocked(uint256 value) external {
        token.setBlocked(accounts[BLOCKABLE], value % 2 == 0);
    }

    /* PRICE AND TIME */

    function drift(uint256 move, uint256 gap) external {
        _observe(_nextAnswer(move), gap % 3, true);
    }

    /// @notice A jump by up to 90 % down or 900 % up, mostly far less.
    function jump(uint256 move, uint256 up) external {
        uint256 percent = move % 4 == 0 ? _bound(move, 1, 90) : _bound(move, 1, 12);
        uint256 answer = _lastAnswer();
        answer = up % 2 == 0 ? (answer * 100) / (100 - percent) : (answer * (100 - percent)) / 100;
        _observe(int256(_clampAnswer(answer)), 0, true);
    }

    /// @notice Moves the price to a position's liquidation price, or a little beyond it.
    function squeeze(uint256 which, uint256 beyond) external {
        (uint256 id, Position memory p) = _pickOpen(which);
        if (p.size == 0) return;
        uint256 price = lens.prices(market, _only(id))[0].liquidationPrice;
        if (price < 20e18 || price > 200_000e18) return;
        beyond = _bound(beyond, 0, 100);
        uint256 answer =
            p.size > 0 ? (price * (10_000 - beyond)) / 1e14 : (price * (10_000 + beyond)) / 1e14 + 1;
        _observe(int256(_clampAnswer(answer)), 0, true);
    }

    /// @notice A round no one can believe, or one that repeats the last answer.
    function breakFeed(uint256 how) external {
        int256[4] memory answers = [int256(0), -1, 1, int256(_lastAnswer())];
        _observe(answers[how % 4], 0, how % 4 != 3);
    }

    function changePhase(uint256 gap) external {
        uint256 answer = _lastAnswer();
        aggregator = new HistoryAggregator(8, "ETH / USD");
        feed.setAggregator(aggregator);
        _observe(int256(answer), gap % 3, true);
        _reach("phase changed");
    }

    function wait(uint256 time, uint256 long_, uint256 quiet) external {
        vm.warp(
            block.timestamp + (long_ % 4 == 0 ? _bound(time, 1 hours, 5 days) : _bound(time, 1, 10 minutes))
        );
        if (quiet % 3 != 0) _observe(int256(_lastAnswer()), 0, true);
    }

    /* INTERNAL */

    function _pickOpen(uint256 which) internal view returns (uint256 id, Position memory p) {
        for (uint256 i; i < _ids.length; ++i) {
            id = _ids[((which % _ids.length) + i) % _ids.length];
            p = market.position(id);
            if (p.size != 0) return (id, p);
        }
    }

    /// @dev The last answer moved by up to a percent.
    function _nextAnswer(uint256 move) internal view virtual returns (int256) {
        return int256(_clampAnswer((_lastAnswer() * _bound(move, 9_900, 10_100)) / 10_000));
    }

    function _clampAnswer(uint256 answer) internal pure returns (uint256) {
        return FixedMath.clamp(answer, 20e8, 200_000e8);
    }

    function _armAgainstPool() internal {
        address[] memory targets = new address[](3);
        bytes[] memory attempts = new bytes[](3);
        for (uint256 i; i < 3; ++i) targets[i] = address(pool);
        attempts[0] = abi.encodeCall(IERC4626.deposit, (1e6, address(reenterer)));
        attempts[1] = abi.encodeCall(IERC4626.redeem, (1e6, address(reenterer), address(reenterer)));
        attempts[2] = abi.encodeWithSignature("collect()");
        _arm(targets, attempts);
    }
}
