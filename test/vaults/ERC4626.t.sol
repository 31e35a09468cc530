// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Errors} from "../../contracts/libraries/Errors.sol";
import {PoolStates} from "../properties/PoolStates.sol";

/// @notice The liquidity vault as ERC-4626 has it on the way in, in whatever state the pool is.
contract ERC4626VaultTest is PoolStates {
    /* VIEWS */

    /// @notice asset, totalAssets and the limits never revert; the others don't for amounts that a token can have.
    function testFuzz_viewsNeverRevert(uint256 seed, address account, uint256 amount) public {
        _enterAny(seed);
        amount = bound(amount, 0, REASONABLE);
        assertEq(pool.asset(), address(token));
        pool.totalAssets();
        pool.maxDeposit(account);
        pool.maxMint(account);
        pool.maxWithdraw(account);
        pool.maxRedeem(account);
        pool.convertToShares(amount);
        pool.convertToAssets(amount);
        pool.previewDeposit(amount);
        pool.previewMint(amount);
    }

    /// @notice Of unreasonable amounts at most the conversions revert, none of them silently wraps around.
    function testFuzz_hugeAmountsRevertOrCountInFull(uint256 seed, uint256 amount) public {
        _enterAny(seed);
        amount = bound(amount, REASONABLE, type(uint256).max);
        try pool.convertToShares(amount) returns (uint256 shares) {
            assertGe(shares, pool.convertToShares(REASONABLE));
        } catch {
            assertGt(amount, type(uint256).max / (pool.totalSupply() + 1e6));
        }
        try pool.convertToAssets(amount) returns (uint256 assets) {
            assertGe(assets, pool.convertToAssets(REASONABLE));
        } catch {
            assertGt(amount, type(uint256).max / (pool.totalAssets() + 1));
        }
    }

    /// @notice Neither conversions, previews nor limits of the way in depend on who asks, or for whom.
    function testFuzz_nothingDependsOnTheCaller(uint256 seed, address other, uint256 amount) public {
        _enterAny(seed);
        amount = bound(amount, 0, REASONABLE);
        token.mint(_lp, 10 * CAP);
        uint256[7] memory one = _asked(_lp, other, amount);
        uint256[7] memory two = _asked(other, _lp, amount);
        for (uint256 i; i < 7; ++i) assertEq(one[i], two[i]);
    }

    /// @notice Tokens sent to the vault change no price.
    function testFuzz_donationsDoNotCount(uint256 seed, uint256 amount) public {
        _enterAny(seed);
        uint256[7] memory before = _asked(_lp, _bob, 1e12);
        token.mint(address(pool), bound(amount, 0, REASONABLE));
        uint256[7] memory then = _asked(_lp, _bob, 1e12);
        for (uint256 i; i < 7; ++i) assertEq(before[i], then[i]);
    }

    /// @notice Conversions are at totalAssets, down to the unit and rounded down both ways; one there and back gains
    /// nothing.
    function testFuzz_conversionsRoundDown(uint256 seed, uint256 amount) public {
        _enterAny(seed);
        amount = bound(amount, 0, REASONABLE);
        uint256 value = pool.totalAssets();
        assertEq(pool.convertToShares(amount), _toShares(amount, value, Math.Rounding.Floor));
        assertEq(pool.convertToAssets(amount), _toAssets(amount, value, Math.Rounding.Floor));
        assertLe(pool.convertToAssets(pool.convertToShares(amount)), amount);
        assertLe(pool.convertToShares(pool.convertToAssets(amount)), amount);
    }

    /// @notice totalAssets is what is in the pool less what traders have won, and never negative; without a price what is
    /// in the pool.
    function testFuzz_totalAssetsIsTheNetAssetValue(uint256 seed) public {
        _enterAny(seed);
        (uint256 price, , ) = oracle.peek();
        int256 value = pool.netAssetValue(price);
        if (price == 0) value = int256(pool.poolAssets());
        assertEq(pool.totalAssets(), value > 0 ? uint256(value) : 0);
    }

    /// @notice Previews are at the highest value over the band, a deposit's rounded down and a mint's up; never better
    /// than the conversions.
    function testFuzz_previewsRoundForThePool(uint256 seed, uint256 amount) public {
        _enter(seed);
        market.accrue();
        amount = bound(amount, 0, REASONABLE);
        assertEq(pool.previewDeposit(amount), _toShares(amount, _high(), Math.Rounding.Floor));
        assertEq(pool.previewMint(amount), _toAssets(amount, _high(), Math.Rounding.Ceil));
        assertLe(pool.previewDeposit(amount), pool.convertToShares(amount));
        assertGe(pool.previewMint(amount), pool.convertToAssets(amount));
        assertEq(pool.previewDeposit(0), 0);
        assertEq(pool.previewMint(0), 0);
        assertGt(pool.previewMint(1), 0);
    }

    /* DEPOSIT AND MINT */

    /// @notice A deposit mints what was previewed, and takes exactly its assets, from the caller.
    function testFuzz_depositDoesWhatItPreviews(uint256 seed, address other, uint256 assets) public {
        _enter(seed);
        uint256 most = pool.maxDeposit(_carol);
        if (most == 0) return;
        assets = bound(assets, 1, most);
        vm.prank(other);
        uint256 shares = pool.previewDeposit(assets);
        if (shares == 0) {
            vm.expectRevert(abi.encodeWithSelector(Errors.PoolAmountTooSmall.selector, assets));
            pool.deposit(assets, _carol);
            return;
        }
        uint256[4] memory before = _held();
        _allow(_bob, assets, assets);
        _expectDeposit(assets, shares);
        vm.prank(_bob);
        assertEq(pool.deposit(assets, _carol), shares, "shares");
        _checkAdded(before, assets, shares);
    }

    /// @notice A mint costs what was previewed, and gives exactly its shares, to the receiver.
    function testFuzz_mintCostsWhatItPreviews(uint256 seed, address other, uint256 shares) public {
        _enter(seed);
        uint256 most = pool.maxMint(_carol);
        if (most == 0) return;
        shares = bound(shares, 1, most);
        vm.prank(other);
        uint256 assets = pool.previewMint(shares);
        uint256[4] memory before = _held();
        _allow(_bob, assets, assets);
        _expectDeposit(assets, shares);
        vm.prank(_bob);
        assertEq(pool.mint(shares, _carol), assets, "assets");
        _checkAdded(before, assets, shares);
    }

    /// @notice What a deposit can bring is at most what it costs, and it takes nothing from the shares of others.
    function testFuzz_depositsDiluteNobody(uint256 seed, uint256 assets, bool mints) public {
        _enter(seed);
        uint256 most = pool.maxDeposit(_carol);
        assets = bound(assets, 0, most);
        if (assets == 0 || pool.previewDeposit(assets) == 0) return;
        uint256 worth = pool.convertToAssets(1e18);
        if (mints) {
            uint256 shares = pool.previewDeposit(assets);
            _allow(_carol, assets, assets);
            vm.prank(_carol);
            assertLe(pool.mint(shares, _carol), assets, "a mint of a deposit's shares costs no more than it");
            assertLe(pool.convertToAssets(shares), assets);
        } else {
            uint256 shares = _deposit(_carol, assets);
            assertLe(pool.convertToAssets(shares), assets);
        }
        assertGe(pool.convertToAssets(1e18), worth);
    }

    /// @notice maxDeposit can be deposited and nothing above it; where it is 0 nothing can.
    function testFuzz_maxDepositIsTheMost(uint256 seed) public {
        _enterAny(seed);
        uint256 most = pool.maxDeposit(_carol);
        _allow(_carol, type(uint128).max, type(uint256).max);
        vm.prank(_carol);
        try pool.deposit(most + 1, _carol) {
            assertTrue(false, "more than maxDeposit");
        } catch (bytes memory reason) {
            if (most != 0) assertEq(reason, _exceeded(_carol, most + 1, most));
        }
        if (most == 0 || pool.previewDeposit(most) == 0) return;
        vm.prank(_carol);
        pool.deposit(most, _carol);
        assertEq(pool.maxDeposit(_carol), 0);
        assertEq(pool.maxMint(_carol), 0);
    }

    /// @notice maxMint can be minted and not one share more; where it is 0 nothing can.
    function testFuzz_maxMintIsTheMost(uint256 seed) public {
        _enterAny(seed);
        uint256 most = pool.maxMint(_carol);
        _allow(_carol, type(uint128).max, type(uint256).max);
        vm.prank(_carol);
        try pool.mint(most + 1, _carol) {
            assertTrue(false, "more than maxMint");
        } catch {}
        if (most == 0) return;
        vm.prank(_carol);
        pool.mint(most, _carol);
        assertLe(pool.maxMint(_carol), pool.previewDeposit(1));
    }

    /// @notice The limits say 0 just where nothing can be deposited: without a fresh price, while the pool is worth
    /// nothing, at the cap.
    function testFuzz_limitsAreNothingOnlyForAReason(uint256 seed) public {
        _enterAny(seed);
        (uint256 price, , bool fresh) = oracle.peek();
        bool worthless = pool.totalSupply() != 0 && _high() == 0;
        // Carry moves the value within the call that accrues it.
        if (price != 0) market.accrue();
        bool full = pool.previewMint(1) > 0 && _high() >= CAP;
        assertEq(pool.maxDeposit(_carol) == 0, !fresh || worthless || full);
        if (pool.maxDeposit(_carol) == 0) assertEq(pool.maxMint(_carol), 0);
    }

    /* ALLOWANCE */

    /// @notice A deposit spends the caller's own allowance of the token, no less; an endless one stays.
    function testFuzz_depositsNeedAnAllowance(uint256 assets, uint256 allowed) public {
        assets = bound(assets, 1, CAP);
        allowed = bound(allowed, 0, assets - 1);
        _allow(_bob, assets, allowed);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector,
                address(pool),
                allowed,
                assets
            )
        );
        vm.prank(_bob);
        pool.deposit(assets, _bob);
        _allow(_bob, 0, type(uint256).max);
        vm.prank(_bob);
        pool.deposit(assets, _bob);
        assertEq(token.allowance(_bob, address(pool)), type(uint256).max);
    }

    /// @notice Shares are a token with 6 decimals more than the pool's, whatever those are.
    function testFuzz_sharesHaveSixDecimalsMore(uint8 decimals) public {
        deployWith(uint8(bound(decimals, 6, 18)));
        assertEq(pool.decimals(), token.decimals() + 6);
        assertEq(_deposit(_bob, 1e6), 1e12);
    }

    /// @notice Who is first can't make the next one lose: a donation is nobody's, income after a first unit the pool's.
    function testFuzz_theFirstDepositCanNotBeInflated(uint256 gift, uint256 income, uint256 assets) public {
        _deposit(_bob, 1);
        token.mint(address(pool), bound(gift, 0, CAP));
        income = bound(income, 0, 1_000_000e6);
        gain(income);
        assets = bound(assets, 1e6 + income / 1_000, CAP / 2);
        uint256 shares = _deposit(_carol, assets);
        assertGe(pool.convertToAssets(shares), (assets * 999) / 1_000);
        assertLe(pool.convertToAssets(pool.balanceOf(_bob)), 1 + income);
    }

    /* HELPERS */

    function _asked(address caller, address account, uint256 amount) private returns (uint256[7] memory) {
        vm.startPrank(caller);
        uint256[7] memory answers = [
            pool.totalAssets(),
            pool.convertToShares(amount),
            pool.convertToAssets(amount),
            pool.previewDeposit(amount),
            pool.previewMint(amount),
            pool.maxDeposit(account),
            pool.maxMint(account)
        ];
        vm.stopPrank();
        return answers;
    }

    /// @dev Mints `money` to an account that allows the pool `allowed`.
    function _allow(address account, uint256 money, uint256 allowed) private {
        token.mint(account, money);
        vm.prank(account);
        token.approve(address(pool), allowed);
    }

    function _held() private view returns (uint256[4] memory) {
        return [pool.balanceOf(_carol), pool.totalSupply(), pool.cash(), token.balanceOf(_bob)];
    }

    function _checkAdded(uint256[4] memory before, uint256 assets, uint256 shares) private view {
        assertEq(pool.balanceOf(_carol), before[0] + shares, "the receiver's shares");
        assertEq(pool.totalSupply(), before[1] + shares, "supply");
        assertEq(pool.cash(), before[2] + assets, "cash");
        assertEq(token.balanceOf(_bob), before[3], "all of what the caller was given for it");
        assertEq(token.allowance(_bob, address(pool)), 0, "allowance");
    }

    function _expectDeposit(uint256 assets, uint256 shares) private {
        vm.expectEmit(address(token));
        emit IERC20.Transfer(_bob, address(pool), assets);
        vm.expectEmit(address(pool));
        emit IERC20.Transfer(address(0), _carol, shares);
        vm.expectEmit(address(pool));
        emit IERC4626.Deposit(_bob, _carol, assets, shares);
    }

    function _exceeded(address account, uint256 assets, uint256 most) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxDeposit.selector, account, assets, most);
    }
}
